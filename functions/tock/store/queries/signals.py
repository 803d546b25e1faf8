"""Reads a run's signals in the order of their numbers."""

import logging
from collections.abc import Sequence

from tock.core.run.messages.signal import Signal
from tock.core.unreadable import Unreadable
from tock.ports.store import Versioned
from tock.store.documents.codec import SIGNAL
from tock.store.documents.paths import PROJECTS, RUNS, SIGNALS, is_id
from tock.store.documents.reading import read_document
from tock.store.queries.query import Condition, Query
from tock.store.rpc import FirestoreRpc

_logger = logging.getLogger("tock")


async def signals(rpc: FirestoreRpc, *, project: str, run: str, since: int, limit: int) -> Sequence[Versioned[Signal]]:
    """Return at most `limit` signals with a number above `since`, ascending; one that cannot be read is left out."""
    if not (is_id(project) and is_id(run)):
        return ()
    parent = f"{rpc.documents}/{PROJECTS}/{project}/{RUNS}/{run}"
    query = Query(SIGNALS, where=(Condition("number", ">", since),), order="number")
    found = []
    for message in await rpc.query(parent, query.message(limit=limit)):
        read = read_document(message, codec=SIGNAL, documents=rpc.documents)
        if isinstance(read, Unreadable):
            _logger.error("document_unreadable", extra={"fields": {"run": run, "problem": read.problem}})
        else:
            found.append(read)
    return tuple(found)
