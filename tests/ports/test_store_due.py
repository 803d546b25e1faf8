"""What every store guarantees when a tick asks what is due."""

import pytest

from ports.conftest import Overwrite
from ports.documents import MINUTE, NOW, a_run, a_trigger
from tock.core.errors import CommitConflict, DocumentUnreadable
from tock.core.health.scheduler_state import SchedulerState, TickCounters
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import Pause, PauseReason, Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import (
    Change,
    Create,
    DisableUnreadable,
    Document,
    DuePage,
    RunFilter,
    Store,
    Versioned,
)

pytestmark = pytest.mark.anyio


async def test_due_triggers_of_all_projects_and_shards_come_oldest_first(store: Store) -> None:
    due = [a_trigger(f"t{n}", project=f"p{n % 3}", shard=n, next_run_at=NOW - n * MINUTE) for n in range(8)]
    not_due = [a_trigger("later", next_run_at=NOW + MINUTE), a_trigger("never", next_run_at=None)]
    version = await store.commit([Create(trigger) for trigger in (*due, *not_due)])

    page = await store.due_triggers(until=NOW, limit=100)

    assert page == DuePage(triggers=tuple(Versioned(t, version) for t in reversed(due)), cursor=None)


async def test_a_trigger_is_due_at_its_very_microsecond(store: Store) -> None:
    await store.commit([Create(a_trigger(next_run_at=NOW))])

    before = await store.due_triggers(until=NOW.replace(microsecond=NOW.microsecond - 1), limit=10)
    at = await store.due_triggers(until=NOW, limit=10)

    assert (len(before.triggers), len(at.triggers)) == (0, 1)


async def test_pages_of_ties_give_each_trigger_once(store: Store) -> None:
    names = {f"t{number:02d}" for number in range(25)}
    await store.commit([Create(a_trigger(name, shard=int(name[1:]) % 8)) for name in sorted(names)])

    pages = [await store.due_triggers(until=NOW, limit=4)]
    while pages[-1].cursor is not None:
        pages.append(await store.due_triggers(until=NOW, limit=4, cursor=pages[-1].cursor))

    found = [_id(trigger) for page in pages for trigger in page.triggers]
    assert [len(page.triggers) for page in pages] == [4, 4, 4, 4, 4, 4, 1]
    assert sorted(found) == sorted(names)


async def test_due_triggers_of_some_shards_leave_the_others_out(store: Store) -> None:
    due = [a_trigger(f"t{n}", project=f"p{n % 3}", shard=n, next_run_at=NOW - n * MINUTE) for n in range(8)]
    await store.commit([Create(trigger) for trigger in due])

    some = await store.due_triggers(until=NOW, limit=100, shards=[1, 6, 3])
    one = await store.due_triggers(until=NOW, limit=100, shards=(5,))
    none = await store.due_triggers(until=NOW, limit=100, shards=())

    assert [_id(trigger) for trigger in some.triggers] == ["t6", "t3", "t1"]
    assert [_id(trigger) for trigger in one.triggers] == ["t5"]
    assert none == DuePage(triggers=(), cursor=None)


async def test_due_triggers_of_one_project_leave_the_others_out(store: Store) -> None:
    due = [a_trigger(f"t{n}", project="ab"[n % 2], shard=n % 8, next_run_at=NOW - n * MINUTE) for n in range(10)]
    others = [a_trigger("later", project="a", next_run_at=NOW + MINUTE), a_trigger("t0", project="aa")]
    await store.commit([Create(trigger) for trigger in (*due, *others)])

    all_of_a = await store.due_triggers(until=NOW, limit=100, project="a")
    some_of_a = await store.due_triggers(until=NOW, limit=100, project="a", shards=[0, 2, 3])
    unknown = await store.due_triggers(until=NOW, limit=100, project="nobody")
    no_ids = [await store.due_triggers(until=NOW, limit=100, project=text) for text in ("", ".", "a/triggers/t0")]

    assert [_id(trigger) for trigger in all_of_a.triggers] == ["t8", "t6", "t4", "t2", "t0"]
    assert [_id(trigger) for trigger in some_of_a.triggers] == ["t8", "t2", "t0"]
    assert {unknown, *no_ids} == {DuePage(triggers=(), cursor=None)}


async def test_pages_of_some_shards_of_one_project_give_each_trigger_once(store: Store) -> None:
    triggers = [a_trigger(f"t{n:02d}", project="ab"[n % 2], shard=n % 8) for n in range(48)]
    await store.commit([Create(trigger) for trigger in triggers])
    wanted = [trigger.id for trigger in triggers if trigger.project == "b" and trigger.shard in {1, 3}]

    pages = [await store.due_triggers(until=NOW, limit=5, project="b", shards=[1, 3])]
    while pages[-1].cursor is not None:
        cursor = pages[-1].cursor
        pages.append(await store.due_triggers(until=NOW, limit=5, project="b", shards=[1, 3], cursor=cursor))

    assert [_id(trigger) for page in pages for trigger in page.triggers] == wanted
    assert [len(page.triggers) for page in pages] == [5, 5, 2]


async def test_a_cursor_holds_although_the_page_before_it_was_moved_on(store: Store) -> None:
    triggers = [a_trigger(f"t{number}", next_run_at=NOW + number * MINUTE) for number in range(4)]
    version = await store.commit([Create(trigger) for trigger in triggers])
    until = NOW + 10 * MINUTE
    first = await store.due_triggers(until=until, limit=2)
    moved = [t.model_copy(update={"next_run_at": NOW + 60 * MINUTE}) for t in triggers[:2]]
    await store.commit([Change(Versioned(t, version), m) for t, m in zip(triggers, moved, strict=False)])

    second = await store.due_triggers(until=until, limit=2, cursor=first.cursor)

    assert [_id(trigger) for trigger in second.triggers] == ["t2", "t3"]


async def test_the_version_that_is_read_carries_a_change(store: Store) -> None:
    await store.commit([Create(a_trigger())])
    page = await store.due_triggers(until=NOW, limit=10)
    read = page.triggers[0]
    assert isinstance(read, Versioned)

    await store.commit([Change(read, read.value.model_copy(update={"next_run_at": None}))])

    assert await store.due_triggers(until=NOW, limit=10) == DuePage(triggers=(), cursor=None)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"schedule": {"cron": "0 9 * * *", "time_zone": "Mars/Olympus"}}, "time_zone"),
        ({"schedule": {"cron": "not a cron"}}, "schedule"),
        ({"schedule": None}, "schedule"),
        ({"agent": ""}, "agent"),
        ({"agent": None}, "agent"),
        ({"timeout": 300}, "timeout"),
        ({"timeout": "P1Y"}, "timeout"),
        ({"input": {"payload": "{"}}, "input: holds no JSON"),
        ({"input": {"payload": {"not": "text"}}}, "input: holds no JSON"),
        ({"input": "text"}, ""),
        ({"input": 7}, ""),
        ({"created": {"at": "yesterday", "by": "ada"}}, "created"),
        ({"retry": [1, b"\xff", {"x": 1.5}]}, "bytes"),
        ({"overlap": "sometimes"}, "overlap"),
    ],
)
async def test_a_trigger_that_no_longer_parses_comes_with_the_reason_and_stops_no_other(
    store: Store, overwrite: Overwrite, fields: dict[str, object], problem: str
) -> None:
    await store.commit([Create(a_trigger("bad")), Create(a_trigger("good", shard=4))])
    await overwrite(a_trigger("bad"), fields)

    page = await store.due_triggers(until=NOW, limit=10)

    bad, good = page.triggers
    assert isinstance(bad, Unreadable)
    assert (bad.project, bad.id) == ("acme", "bad")
    assert bad.problem
    assert problem in bad.problem
    assert isinstance(good, Versioned)
    assert good.value.id == "good"


async def test_a_trigger_that_no_longer_parses_is_disabled_with_the_reason(store: Store, overwrite: Overwrite) -> None:
    trigger = a_trigger()
    await store.commit([Create(trigger)])
    await overwrite(a_trigger(), {"overlap": "sometimes"})
    (bad,) = (await store.due_triggers(until=NOW, limit=10)).triggers
    assert isinstance(bad, Unreadable)

    await store.commit([DisableUnreadable(bad, at=NOW + MINUTE)])

    assert (await store.due_triggers(until=NOW + 60 * MINUTE, limit=10)).triggers == ()
    with pytest.raises(DocumentUnreadable, match="overlap"):
        await store.trigger("acme", "morning")
    await overwrite(a_trigger(), {"overlap": "skip"})
    mended = await store.trigger("acme", "morning")
    assert mended is not None
    assert mended.value == trigger.model_copy(
        update={
            "enabled": False,
            "next_run_at": None,
            "paused": Pause(reason=PauseReason.INVALID, note=bad.problem, at=NOW + MINUTE, by="schedule"),
        }
    )


async def test_disabling_conflicts_when_the_trigger_was_mended_meanwhile(store: Store, overwrite: Overwrite) -> None:
    await store.commit([Create(a_trigger())])
    await overwrite(a_trigger(), {"overlap": "sometimes"})
    (bad,) = (await store.due_triggers(until=NOW, limit=10)).triggers
    assert isinstance(bad, Unreadable)
    await overwrite(a_trigger(), {"overlap": "queue"})

    with pytest.raises(CommitConflict):
        await store.commit([DisableUnreadable(bad, at=NOW)])

    (mended,) = (await store.due_triggers(until=NOW, limit=10)).triggers
    assert isinstance(mended, Versioned)
    assert mended.value.enabled


async def test_overdue_runs_of_all_projects_and_shards_come_oldest_first(store: Store) -> None:
    overdue = [a_run(f"r{n}", project=f"p{n % 3}", shard=n, check_at=NOW - n * MINUTE) for n in range(8)]
    others = [
        a_run("later", check_at=NOW + MINUTE),
        a_run("settled", check_at=None, status=RunStatus.SUCCEEDED),
    ]
    version = await store.commit([Create(run) for run in (*overdue, *others)])

    found = await store.overdue_runs(until=NOW, limit=100)
    some = await store.overdue_runs(until=NOW, limit=3)
    ids = await store.overdue_ids(until=NOW, limit=100)

    assert list(found) == [Versioned(run, version) for run in reversed(overdue)]
    assert list(some) == list(found[:3])
    assert list(ids) == [(run.project, run.id) for run in reversed(overdue)]
    assert list(await store.overdue_ids(until=NOW, limit=3)) == list(ids[:3])


async def test_the_backlog_counts_what_is_due_and_overdue(store: Store) -> None:
    triggers = [a_trigger(f"t{n}", project=f"p{n}", shard=n, next_run_at=NOW + n * MINUTE) for n in range(5)]
    runs = [a_run(f"r{n}", project=f"p{n}", shard=n, check_at=NOW + n * MINUTE) for n in range(5)]
    documents: list[Document] = [*triggers, *runs, a_run("settled", check_at=None)]
    await store.commit([Create(document) for document in documents])

    assert await store.backlog(until=NOW - MINUTE) == {"triggers": 0, "runs": 0}
    assert await store.backlog(until=NOW + 2 * MINUTE) == {"triggers": 3, "runs": 3}


async def test_due_triggers_are_counted_no_further_than_asked(store: Store) -> None:
    due = [a_trigger(f"t{n}", project=f"p{n % 2}", shard=n, next_run_at=NOW - n * MINUTE) for n in range(5)]
    await store.commit([Create(trigger) for trigger in (*due, a_trigger("later", next_run_at=NOW + MINUTE))])

    counts = [await store.due_count(until=NOW, most=most) for most in (1, 4, 5, 6, 100)]

    assert counts == [1, 4, 5, 5, 5]
    assert await store.due_count(until=NOW - 2 * MINUTE, most=100) == 3


async def test_a_run_in_no_shard_of_the_store_is_listed_with_its_trigger_alone(store: Store) -> None:
    await store.commit([Create(a_run("inside", shard=7)), Create(a_run("outside", shard=8))])

    listed = [
        {run.id for run in (await store.runs("acme", matching=matching, limit=10, token=None)).items}
        for matching in (RunFilter(), RunFilter(trigger="morning"))
    ]

    assert listed == [{"inside"}, {"inside", "outside"}]


async def test_the_state_of_the_last_tick_wins(store: Store) -> None:
    failed = SchedulerState(last_tick=NOW, consecutive_failures=2)
    later = SchedulerState(last_tick=NOW + MINUTE, last_success=NOW, counters=TickCounters(due=3, lag=0.25))
    await store.record_tick(failed)
    first = await store.scheduler()

    await store.record_tick(later)

    assert first == failed
    assert await store.scheduler() == later


def _id(trigger: Versioned[Trigger] | Unreadable) -> str:
    return trigger.id if isinstance(trigger, Unreadable) else trigger.value.id
