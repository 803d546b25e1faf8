"""Reads a trigger's revisions, from the newest back to the one that was in force at an instant."""

from collections.abc import Sequence
from datetime import datetime

from tock.core.trigger.revision import Revision
from tock.store.codec import REVISION
from tock.store.paths import PROJECTS, REVISIONS, TRIGGERS, is_id
from tock.store.query import Position, Query
from tock.store.reading import read_document
from tock.store.rpc import FirestoreRpc
from tock.store.values import read_value

#: Revisions that one query reads: most triggers are seldom edited.
REVISIONS_AT_ONCE = 20


async def revisions(rpc: FirestoreRpc, *, project: str, trigger: str, since: datetime) -> Sequence[Revision]:
    """Return the revisions in force at `since` or later, oldest first.

    Raises DocumentUnreadable when one of them no longer parses: a proof without it would be wrong.
    """
    if not (is_id(project) and is_id(trigger)):
        return ()
    parent = f"{rpc.documents}/{PROJECTS}/{project}/{TRIGGERS}/{trigger}"
    query = Query(REVISIONS, order="number", descending=True)
    found: list[Revision] = []
    after: Position | None = None
    while True:
        messages = await rpc.query(parent, query.message(limit=REVISIONS_AT_ONCE, after=after))
        for message in messages:
            found.append(read_document(message, codec=REVISION, documents=rpc.documents).value)
            if found[-1].valid_from <= since:
                return tuple(reversed(found))
        if len(messages) < REVISIONS_AT_ONCE:
            return tuple(reversed(found))
        after = Position(read_value(messages[-1].fields["number"]), messages[-1].name)
