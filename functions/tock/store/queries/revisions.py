"""Reads a trigger's revisions, from the newest back to the one that was in force at an instant."""

from collections.abc import Sequence
from datetime import datetime

from tock.core.trigger.revision import Revision
from tock.core.unreadable import Unreadable
from tock.ports.store import Versioned
from tock.store.documents.codec import REVISION
from tock.store.documents.paths import PROJECTS, REVISIONS, TRIGGERS, is_id
from tock.store.documents.reading import read_document
from tock.store.documents.values import read_value
from tock.store.queries.query import Condition, Position, Query
from tock.store.rpc import FirestoreRpc

#: Revisions that one query reads: most triggers are seldom edited.
REVISIONS_AT_ONCE = 20


async def revisions(
    rpc: FirestoreRpc, *, project: str, trigger: str, since: datetime, back_to_change: bool
) -> Sequence[Revision | Unreadable]:
    """Return the revisions in force at `since` or later, oldest first; one that cannot be read ends no search.

    With `back_to_change` it goes on to the newest one of another generation, or to one that cannot be read.
    """
    if not (is_id(project) and is_id(trigger)):
        return ()
    parent = f"{rpc.documents}/{PROJECTS}/{project}/{TRIGGERS}/{trigger}"
    query = Query(REVISIONS, where=(Condition("number", ">=", 1),), order="number", descending=True)
    found: list[Revision | Unreadable] = []
    after: Position | None = None
    generation: int | None = None
    while True:
        messages = await rpc.query(parent, query.message(limit=REVISIONS_AT_ONCE, after=after))
        for message in messages:
            read = read_document(message, codec=REVISION, documents=rpc.documents)
            revision = read.value if isinstance(read, Versioned) else read
            if generation is not None and isinstance(revision, Unreadable):
                return tuple(reversed(found))
            found.append(revision)
            if isinstance(revision, Unreadable):
                continue
            if generation is None and revision.valid_from <= since:
                generation = revision.generation
            if generation is not None and not (back_to_change and revision.generation == generation):
                return tuple(reversed(found))
        if len(messages) < REVISIONS_AT_ONCE:
            return tuple(reversed(found))
        after = Position(read_value(messages[-1].fields["number"]), messages[-1].name)
