"""More shards than one query can ask for: the pages of several queries are merged in Firestore's order."""

from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.firestore import AsyncClient

from ports.documents import a_run, a_trigger
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import Create, RunFilter, Versioned
from tock.store.firestore import FirestoreStore
from tock.store.queries.query import Condition, Query
from tock.store.rpc import FirestoreRpc

pytestmark = pytest.mark.anyio
NOW = datetime(2027, 1, 5, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SHARDS = 64
#: Their names differ in what sorts before and after the slash of a path.
PROJECTS = ("a", "a-b", "aa", "a0")


@pytest.fixture
def store(firestore_client: AsyncClient) -> FirestoreStore:
    return FirestoreStore(firestore_client, shards=SHARDS)


def _triggers() -> list[Trigger]:
    return [
        a_trigger(
            f"t{number:02d}", project=project, shard=(7 * number) % SHARDS, next_run_at=NOW - (number % 3) * SECOND / 2
        )
        for number in range(20)
        for project in PROJECTS
    ]


async def test_due_triggers_of_64_shards_come_in_one_order_page_by_page(store: FirestoreStore) -> None:
    triggers = _triggers()
    await store.commit([Create(trigger) for trigger in triggers])

    pages = [await store.due_triggers(until=NOW, limit=9)]
    while (cursor := pages[-1].cursor) is not None and len(pages) < len(triggers):
        pages.append(await store.due_triggers(until=NOW, limit=9, cursor=cursor))

    found = [_key(each) for page in pages for each in page.triggers]
    assert found == sorted((each.next_run_at, each.project, each.id) for each in triggers)
    assert {len(page.triggers) for page in pages[:-1]} == {9}


async def test_due_triggers_are_counted_over_all_shards_and_no_further_than_asked(store: FirestoreStore) -> None:
    await store.commit([Create(trigger) for trigger in _triggers()])

    assert await store.due_count(until=NOW, most=1000) == 80
    assert await store.due_count(until=NOW, most=50) == 50
    assert await store.due_count(until=NOW, most=3) == 3


async def test_firestore_itself_stops_counting(store: FirestoreStore, firestore_client: AsyncClient) -> None:
    await store.commit([Create(trigger) for trigger in _triggers()])
    rpc = FirestoreRpc(firestore_client)
    where = (Condition("shard", "in", list(range(30))), Condition("next_run_at", "<=", NOW))
    triggers = Query("triggers", everywhere=True, where=where, order="next_run_at")

    assert await rpc.count(rpc.documents, triggers.message(), most=3) == 3


async def test_overdue_runs_of_64_shards_come_oldest_first(store: FirestoreStore) -> None:
    runs = [a_run(f"r{n:02d}", shard=(7 * n) % SHARDS, check_at=NOW - n * SECOND) for n in range(SHARDS)]
    await store.commit([Create(run) for run in runs])

    found = await store.overdue_runs(until=NOW, limit=10)

    assert [each.value.id for each in found if isinstance(each, Versioned)] == [run.id for run in runs[:-11:-1]]


@pytest.mark.parametrize(
    "matching",
    [
        RunFilter(),
        RunFilter(statuses=frozenset({RunStatus.QUEUED})),
        RunFilter(statuses=frozenset(RunStatus)),
        RunFilter(trigger="morning", statuses=frozenset({RunStatus.QUEUED, RunStatus.SUCCEEDED})),
        RunFilter(trigger="morning"),
    ],
    ids=["all", "one status", "every status", "two statuses of one trigger", "one trigger"],
)
async def test_runs_of_64_shards_are_listed_latest_first_page_by_page(
    store: FirestoreStore, matching: RunFilter
) -> None:
    runs = [_run(number) for number in range(SHARDS)]
    await store.commit([Create(run) for run in runs])

    pages = [await store.runs("acme", matching=matching, limit=15, token=None)]
    while (token := pages[-1].next_token) is not None and len(pages) < len(runs):
        pages.append(await store.runs("acme", matching=matching, limit=15, token=token))

    wanted = [run for run in runs if not matching.statuses or run.status in matching.statuses]
    listed = [(run.scheduled_for, run.id) for page in pages for run in page.items]
    assert listed == sorted(((run.scheduled_for, run.id) for run in wanted), reverse=True)


async def test_runs_are_counted_over_all_shards_and_no_further_than_asked(store: FirestoreStore) -> None:
    await store.commit([Create(_run(number)) for number in range(SHARDS)])

    assert await store.run_count("acme", matching=RunFilter(), most=1000) == SHARDS
    assert await store.run_count("acme", matching=RunFilter(statuses=frozenset(RunStatus)), most=1000) == SHARDS
    assert await store.run_count("acme", matching=RunFilter(), most=50) == 50


def _run(number: int) -> Run:
    status = RunStatus.QUEUED if number % 2 else RunStatus.RUNNING
    run = a_run(f"r{number:02d}", shard=number, status=status)
    return run.model_copy(update={"scheduled_for": NOW - (number % 5) * SECOND})


def _key(found: Versioned[Trigger] | Unreadable) -> tuple[datetime | None, str, str]:
    assert isinstance(found, Versioned)
    return found.value.next_run_at, found.value.project, found.value.id
