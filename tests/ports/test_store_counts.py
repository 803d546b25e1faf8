"""What every store guarantees for how many documents a listing has."""

from typing import Any

import pytest

from ports.conftest import Overwrite
from ports.documents import MINUTE, NOW, a_run, a_trigger
from tock.core.run.order import RunOrder
from tock.core.run.status import RunSource, RunStatus
from tock.ports.store import Create, RunFilter, Store, Total

pytestmark = pytest.mark.anyio

ALL = RunFilter()
FAILED = frozenset({RunStatus.FAILED})


async def _make_runs(store: Store) -> None:
    runs = [
        a_run("0a", status=RunStatus.FAILED, agent="x", trigger="t", source=RunSource.SCHEDULE),
        a_run("0b", status=RunStatus.FAILED, agent="x", trigger=None, source=RunSource.MANUAL, subject="s"),
        a_run("1c", status=RunStatus.SUCCEEDED, agent="x", trigger="t", scheduled_for=NOW + MINUTE),
        a_run("1d", status=RunStatus.HELD, agent="y", trigger="t", source=RunSource.RETRY, subject="s"),
        a_run("0e", project="beta"),
    ]
    await store.commit([Create(run) for run in runs])


@pytest.mark.parametrize(
    ("matching", "count"),
    [
        (ALL, 4),
        (RunFilter(statuses=FAILED), 2),
        (RunFilter(statuses=frozenset(RunStatus)), 4),
        (RunFilter(agent="x"), 3),
        (RunFilter(trigger="t"), 3),
        (RunFilter(trigger="t", statuses=FAILED | {RunStatus.HELD}), 2),
        (RunFilter(source=RunSource.MANUAL), 1),
        (RunFilter(subject="s"), 2),
        (RunFilter(subject="s", agent="y", trigger="t", statuses=frozenset({RunStatus.HELD})), 1),
        (RunFilter(since=NOW + MINUTE), 1),
        (RunFilter(until=NOW + MINUTE), 3),
        (RunFilter(id_prefix="0"), 2),
        (RunFilter(id_prefix="x/y"), 0),
        (RunFilter(agent="nobody"), 0),
    ],
    ids=[
        *("all", "one status", "every status", "an agent", "a trigger", "two statuses of a trigger", "a source"),
        *("a subject", "a subject and more", "since", "until", "a prefix", "no prefix of an id", "nobody's"),
    ],
)
async def test_as_many_runs_are_counted_as_the_listing_has(store: Store, matching: RunFilter, count: int) -> None:
    await _make_runs(store)

    counted = await store.run_count("acme", matching=matching, most=1000)

    listed = await store.runs("acme", matching=matching, limit=100, token=None)
    assert (counted, len(listed.found)) == (count, count)


@pytest.mark.parametrize(
    "matching",
    [ALL, RunFilter(trigger="t"), RunFilter(id_prefix="1"), RunFilter(subject="s")],
    ids=["all", "a trigger", "a prefix", "a subject"],
)
async def test_counting_ends_where_it_is_told_to(store: Store, matching: RunFilter) -> None:
    await _make_runs(store)

    assert await store.run_count("acme", matching=matching, most=1) == 1


async def test_a_project_counts_only_its_own(store: Store) -> None:
    await _make_runs(store)

    assert await store.run_count("beta", matching=ALL, most=1000) == 1
    assert await store.run_count("nobody", matching=ALL, most=1000) == 0
    assert await store.run_count("acme/runs/0a", matching=ALL, most=1000) == 0


async def test_runs_that_cannot_be_read_count_and_those_that_no_listing_finds_do_not(
    store: Store, overwrite: Overwrite
) -> None:
    runs = [a_run(f"r{number}") for number in range(4)]
    await store.commit([Create(run) for run in runs])
    await overwrite(runs[0], {"overlap": "sometimes"})
    await overwrite(runs[1], {"scheduled_for": "at dawn"})
    await overwrite(runs[2], {"shard": 1000})

    counted = await store.run_count("acme", matching=ALL, most=1000)

    listed = await store.runs("acme", matching=ALL, limit=100, token=None)
    assert (counted, [run.id for run in listed.items], [run.id for run in listed.unreadable]) == (2, ["r3"], ["r0"])


async def test_the_triggers_of_a_project_or_of_an_agent_are_counted(store: Store, overwrite: Overwrite) -> None:
    triggers = [a_trigger(f"t{number}", agent="x" if number else "y") for number in range(4)]
    await store.commit([Create(trigger) for trigger in (*triggers, a_trigger(project="beta"))])
    await overwrite(triggers[1], {"overlap": "sometimes"})
    await overwrite(triggers[2], {"created": "at dawn"})

    counts = [await store.trigger_count("acme", most=1000, agent=agent) for agent in (None, "x", "y", "nobody")]

    assert counts == [3, 2, 1, 0]
    assert await store.trigger_count("acme", most=2) == 2
    assert await store.trigger_count("acme/triggers/t0", most=2) == 0


async def test_every_page_in_an_order_without_an_index_has_the_total(store: Store) -> None:
    runs: list[Any] = [a_run(f"r{n}", started=NOW + n * MINUTE, finished=NOW + 2 * n * MINUTE) for n in range(3)]
    await store.commit([Create(run) for run in (*runs, a_run("waits"))])

    first = await store.runs("acme", matching=ALL, limit=2, token=None, order=RunOrder.STARTED)
    second = await store.runs("acme", matching=ALL, limit=2, token=first.next_token, order=RunOrder.STARTED)
    by_time = await store.runs("acme", matching=ALL, limit=2, token=None)

    assert (first.total, second.total, by_time.total) == (Total(3), Total(3), None)
