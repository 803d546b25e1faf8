"""Reads the slots of a limit that are taken, and the runs that wait in line for one."""

import logging
from collections.abc import Sequence
from typing import TypeVar

from tock.core.run.admission.slot import Slot
from tock.core.run.run import Run
from tock.core.unreadable import Unreadable
from tock.ports.store import Document, Versioned
from tock.store.documents.codec import RUN, SLOT, DocumentCodec
from tock.store.documents.paths import PROJECTS, RUNS, SLOTS, is_id
from tock.store.documents.reading import read_document
from tock.store.queries.query import Condition, Query
from tock.store.rpc import FirestoreRpc

_Document = TypeVar("_Document", bound=Document)
_logger = logging.getLogger("tock")


async def slots(rpc: FirestoreRpc, *, project: str, scope: str) -> Sequence[Versioned[Slot]]:
    """Return the slots of this limit that are taken."""
    return await _read(rpc, Query(SLOTS, where=(Condition("scope", "==", scope),)), codec=SLOT, project=project)


async def runs_in_line(rpc: FirestoreRpc, *, project: str, scope: str, limit: int) -> Sequence[Versioned[Run]]:
    """Return the runs that wait in line, the earliest `scheduled_for` first.

    The query needs the composite index (in_line, scheduled_for). A run that does not wait has no such field.
    """
    query = Query(RUNS, where=(Condition("in_line", "==", scope),), order="scheduled_for")
    return await _read(rpc, query, codec=RUN, project=project, limit=limit)


async def _read(
    rpc: FirestoreRpc, query: Query, *, codec: DocumentCodec[_Document], project: str, limit: int | None = None
) -> Sequence[Versioned[_Document]]:
    if not is_id(project):
        return ()
    found = []
    for message in await rpc.query(f"{rpc.documents}/{PROJECTS}/{project}", query.message(limit=limit)):
        read = read_document(message, codec=codec, documents=rpc.documents)
        if isinstance(read, Unreadable):
            _logger.error("document_unreadable", extra={"fields": {"document": read.id, "problem": read.problem}})
        else:
            found.append(read)
    return tuple(found)
