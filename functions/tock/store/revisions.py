"""Reads a trigger's revisions, from the newest back to the one that was in force at an instant."""

from collections.abc import Sequence
from datetime import datetime

from tock.core.trigger.revision import Revision
from tock.core.unreadable import Unreadable
from tock.ports.store import Versioned
from tock.store.codec import REVISION
from tock.store.paths import PROJECTS, REVISIONS, TRIGGERS, is_id
from tock.store.query import Condition, Position, Query
from tock.store.reading import read_document
from tock.store.rpc import FirestoreRpc
from tock.store.values import read_value

#: Revisions that one query reads: most triggers are seldom edited.
REVISIONS_AT_ONCE = 20


async def revisions(
    rpc: FirestoreRpc, *, project: str, trigger: str, since: datetime
) -> Sequence[Revision | Unreadable]:
    """Return the revisions in force at `since` or later, oldest first; one that cannot be read ends no search."""
    if not (is_id(project) and is_id(trigger)):
        return ()
    parent = f"{rpc.documents}/{PROJECTS}/{project}/{TRIGGERS}/{trigger}"
    query = Query(REVISIONS, where=(Condition("number", ">=", 1),), order="number", descending=True)
    found: list[Revision | Unreadable] = []
    after: Position | None = None
    while True:
        messages = await rpc.query(parent, query.message(limit=REVISIONS_AT_ONCE, after=after))
        for message in messages:
            read = read_document(message, codec=REVISION, documents=rpc.documents)
            found.append(read if isinstance(read, Unreadable) else read.value)
            if isinstance(read, Versioned) and read.value.valid_from <= since:
                return tuple(reversed(found))
        if len(messages) < REVISIONS_AT_ONCE:
            return tuple(reversed(found))
        after = Position(read_value(messages[-1].fields["number"]), messages[-1].name)
