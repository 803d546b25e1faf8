"""Reads which scheduled run of a trigger started last, without the run's input, attempts and result.

The query needs the composite index (trigger, source, started). A run that has not started has no such field, so it is
not found.
"""

import logging

from pydantic import ValidationError

from tock.core.run.last_run import LastRun
from tock.core.run.status import RunSource
from tock.store.documents.paths import PROJECTS, RUNS, is_id
from tock.store.documents.reading import path_of_message
from tock.store.documents.values import read_fields
from tock.store.queries.query import Condition, Query
from tock.store.rpc import FirestoreRpc

_FIELDS = ("status", "scheduled_for", "started", "finished")
_logger = logging.getLogger("tock")


async def last_run(rpc: FirestoreRpc, *, project: str, trigger: str) -> LastRun | None:
    """Return the trigger's scheduled run that started last; None if none has started, or if it cannot be read."""
    if not is_id(project):
        return None
    scheduled = (Condition("trigger", "==", trigger), Condition("source", "==", RunSource.SCHEDULE.value))
    query = Query(RUNS, where=scheduled, order="started", descending=True, fields=_FIELDS)
    for message in await rpc.query(f"{rpc.documents}/{PROJECTS}/{project}", query.message(limit=1)):
        path = path_of_message(message, documents=rpc.documents)
        try:
            return LastRun.model_validate({**read_fields(message.fields), "run": path.rsplit("/", 1)[-1]})
        except (ValidationError, ValueError, OverflowError) as exc:
            _logger.exception("document_unreadable", extra={"fields": {"document": path, "problem": str(exc)}})
    return None
