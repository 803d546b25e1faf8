"""Reads a run's events from its chunks, in the order of their numbers."""

from collections.abc import Sequence

from tock.core.run.event import Event
from tock.store.codec import CHUNK
from tock.store.paths import CHUNKS, PROJECTS, RUNS, is_id
from tock.store.query import Condition, Position, Query
from tock.store.reading import readable
from tock.store.rpc import FirestoreRpc
from tock.store.values import read_value

#: Chunks that one query reads: each holds many events, and a caller seldom wants more than the newest few.
CHUNKS_AT_ONCE = 20


async def events(rpc: FirestoreRpc, *, project: str, run: str, since: int, limit: int) -> Sequence[Event]:
    """Return at most `limit` events with a number above `since`, ascending."""
    if not (is_id(project) and is_id(run)):
        return ()
    parent = f"{rpc.documents}/{PROJECTS}/{project}/{RUNS}/{run}"
    query = Query(CHUNKS, where=(Condition("last_seq", ">", since),), order="last_seq")
    found: list[Event] = []
    after: Position | None = None
    while len(found) < limit:
        messages = await rpc.query(parent, query.message(limit=CHUNKS_AT_ONCE, after=after))
        for chunk in readable(messages, codec=CHUNK, documents=rpc.documents):
            found += (event for event in chunk.value.events if event.seq > since)
        if len(messages) < CHUNKS_AT_ONCE:
            break
        after = Position(read_value(messages[-1].fields["last_seq"]), messages[-1].name)
    return tuple(found[:limit])
