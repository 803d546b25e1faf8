"""Terraform declares the indexes that the queries need, and no others."""

from datetime import UTC, datetime
from itertools import product

import pytest

from queries.indexes import declared
from queries.watch import WATCH
from tock.core.run.order import RunOrder
from tock.core.run.status import RunSource, RunStatus
from tock.ports.store import RunFilter
from tock.store.firestore import FirestoreStore
from tock.store.queries.due_queries import backlog, due_triggers, overdue_runs
from tock.store.queries.query import Condition, Query
from tock.store.rpc import FirestoreRpc

NOW = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.anyio
async def test_every_declared_index_serves_a_query(store: FirestoreStore) -> None:
    WATCH.used.clear()

    await _ask_everything(store)

    assert declared() - WATCH.used == set(), "no query needs these: remove them from infra/"
    assert WATCH.used - declared() == set()
    assert not WATCH.problems


@pytest.mark.anyio
async def test_a_query_without_an_index_is_noticed(store: FirestoreStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WATCH, "problems", [])
    rpc: FirestoreRpc = store._rpc
    query = Query("runs", everywhere=True, where=(Condition("lost", "==", 1),), order="finished", descending=True)

    await rpc.query(rpc.documents, query.message(limit=1))
    await rpc.count(rpc.documents, Query("agents", order="id").message())

    assert WATCH.problems == [
        "infra/ declares no index runs (lost ascending, finished descending), collection_group",
        "infra/ declares no index agents (id ascending), collection",
    ]


async def _ask_everything(store: FirestoreStore) -> None:
    """Ask whatever the store can be asked."""
    rpc = store._rpc
    for project in (None, "p"):
        await due_triggers(rpc, until=NOW, limit=1, shards=[0], cursor=None, project=project)
    await overdue_runs(rpc, until=NOW, limit=1, shards=[0])
    await store.overdue_ids(until=NOW, limit=1)
    await backlog(rpc, until=NOW, shards=[0])
    await store.last_run("p", "t")
    await store.projects(limit=1, token=None)
    await store.agents("p", limit=1, token=None)
    await store.api_keys("p", limit=1, token=None)
    for agent in (None, "a"):
        await store.triggers("p", limit=1, token=None, agent=agent)
        await store.trigger_count("p", most=1, agent=agent)
    choices = product(
        ((), (RunStatus.FAILED,), tuple(RunStatus)),
        (None, "a"),
        (None, "t"),
        (None, RunSource.MANUAL),
        (None, "s"),
        (None, NOW),
    )
    for statuses, agent, trigger, source, subject, since in choices:
        matching = RunFilter(
            statuses=frozenset(statuses),
            agent=agent,
            trigger=trigger,
            source=source,
            subject=subject,
            since=since,
            until=since,
        )
        for order in RunOrder:
            await store.runs("p", matching=matching, limit=1, token=None, order=order)
        await store.run_count("p", matching=matching, most=1)
    await store.runs("p", matching=RunFilter(id_prefix="r"), limit=1, token=None)
    await store.run_count("p", matching=RunFilter(id_prefix="r"), most=1)
    await store.events("p", "r", since=0, limit=1)
    await store.signals("p", "r", since=0, limit=1)
    await store.slots("p", "agent:a")
    await store.runs_in_line("p", "agent:a", limit=1)
    await store.usage("p", since=NOW, until=NOW, limit=1)
    await store.revisions("p", "t", since=NOW)
    await store.remains("p")
