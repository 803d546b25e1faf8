"""The two queries that drive the engine, over all projects: triggers that are due and runs that are overdue.

Each has a composite index over the collection group: (shard, next_run_at) and (shard, check_at). Writes to an index of
ever-growing times all go to its end, which takes 500 writes a second (Firestore, "Best practices"); shards give the
index as many ends. The query for one project's due triggers reads only that project's collection, and needs another
composite index (shard, next_run_at), of collection scope: Firestore keeps indexes of the two scopes apart.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tock.core.run.run import Run
from tock.core.unreadable import Unreadable
from tock.ports.store import DuePage, Versioned
from tock.store.documents.codec import RUN, TRIGGER
from tock.store.documents.paths import PROJECTS, RUNS, TRIGGERS, identity_of
from tock.store.documents.reading import path_of_message, read_documents
from tock.store.documents.values import read_value
from tock.store.queries.query import Condition, Position, Query
from tock.store.queries.shards import count_shards, query_shards
from tock.store.rpc import FirestoreRpc


async def due_triggers(
    rpc: FirestoreRpc,
    *,
    until: datetime,
    limit: int,
    shards: Sequence[int],
    cursor: Position | None,
    project: str | None,
) -> DuePage:
    """Return a page of due triggers after the cursor, oldest first: of one project, or of all if `project` is None."""
    query = _due(TRIGGERS, "next_run_at", until=until, everywhere=project is None)
    parent = rpc.documents if project is None else f"{rpc.documents}/{PROJECTS}/{project}"
    messages = await query_shards(rpc, parent, query, shards=shards, limit=limit, after=cursor)
    triggers = read_documents(messages, codec=TRIGGER, documents=rpc.documents)
    return DuePage(triggers=triggers, cursor=_position_of(messages[-1]) if len(messages) == limit else None)


async def due_count(rpc: FirestoreRpc, *, until: datetime, most: int, shards: Sequence[int]) -> int:
    """Return how many triggers are due at `until`, counting to `most`."""
    query = _due(TRIGGERS, "next_run_at", until=until)
    return await count_shards(rpc, rpc.documents, query, shards=shards, most=most)


async def overdue_runs(
    rpc: FirestoreRpc, *, until: datetime, limit: int, shards: Sequence[int]
) -> Sequence[Versioned[Run] | Unreadable]:
    """Return the runs whose `check_at` has come by `until`, oldest first."""
    query = _due(RUNS, "check_at", until=until)
    messages = await query_shards(rpc, rpc.documents, query, shards=shards, limit=limit)
    return read_documents(messages, codec=RUN, documents=rpc.documents)


async def overdue_ids(
    rpc: FirestoreRpc, *, until: datetime, limit: int, shards: Sequence[int]
) -> Sequence[tuple[str, str]]:
    """Return the project and the id of each run whose `check_at` has come by `until`, oldest first."""
    query = replace(_due(RUNS, "check_at", until=until), fields=("check_at",))
    messages = await query_shards(rpc, rpc.documents, query, shards=shards, limit=limit)
    identities = (identity_of(path_of_message(message, documents=rpc.documents)) for message in messages)
    return tuple((project, run) for _, project, run in identities)


async def backlog(rpc: FirestoreRpc, *, until: datetime, shards: Sequence[int]) -> dict[str, int]:
    """Return how many triggers (`triggers`) and runs (`runs`) the two queries would find."""
    return {
        collection: await count_shards(rpc, rpc.documents, _due(collection, field, until=until), shards=shards)
        for collection, field in ((TRIGGERS, "next_run_at"), (RUNS, "check_at"))
    }


def _due(collection: str, field: str, *, until: datetime, everywhere: bool = True) -> Query:
    return Query(collection, everywhere=everywhere, where=(Condition(field, "<=", until),), order=field)


def _position_of(message: Any) -> Position:
    return Position(value=read_value(message.fields["next_run_at"]), name=message.name)
