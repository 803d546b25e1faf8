"""A tick leaves the backlog that exceeds its budget to continuations, and whatever fails, no run is lost or doubled."""

import asyncio
import json
from collections import Counter
from datetime import timedelta

import pytest

from app.backlog import (
    SECOND,
    claimed_occurrences,
    continued_tick,
    deliver_continuations,
    due_triggers,
    occurrences,
    slow_claims,
    ticks_queue,
    waiting_continuations,
)
from app.faults import Fault, Kind
from app.rig import Rig
from tock.app.services import Services
from tock.app.tick.tick import GROUP, GROUPS_AT_ONCE
from tock.core.errors import StoreUnavailable
from tock.core.health.scheduler_state import SchedulerState, TickCounters
from tock.core.run.run import Run
from tock.core.timing import Timing

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("small_pages")]
MINUTE = timedelta(minutes=1)


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2], ids=["delivered once", "delivered twice"])
async def test_further_ticks_alone_work_off_a_backlog_each_trigger_once(rig: Rig, times: int) -> None:
    triggers = await due_triggers(rig, "p", 500)
    generations = []

    def slow() -> Services:
        return rig.services(rig.process(before_effect=slow_claims(rig, 26 * SECOND, times=2)))

    first = await rig.tick(slow())
    while await waiting_continuations(rig):
        generations.append(await deliver_continuations(rig, services=slow, times=times))
        assert len(generations) < 20

    assert first.unfinished
    assert first.due < 300
    assert [any(counters.unfinished for counters in ticks) for ticks in generations][-2:] == [True, False]
    claimed = await claimed_occurrences(rig, "p")
    assert len(claimed) == len(triggers)
    assert set(claimed) == occurrences(triggers)
    tasks = [json.loads(task.http_request.body) for task in await rig.waiting()]
    assert len({task["run"] for task in tasks}) == len(triggers)
    assert (await rig.tick()).due == 0


async def test_a_tick_within_its_budget_hands_nothing_over(rig: Rig) -> None:
    await due_triggers(rig, "p", 350)

    counters = await rig.tick()

    assert (counters.due, counters.unfinished, await waiting_continuations(rig)) == (350, False, [])


async def test_a_tick_hands_each_shard_over_once_however_often_it_comes(rig: Rig) -> None:
    await due_triggers(rig, "p", 400)
    process = rig.process(before_effect=slow_claims(rig, 36 * SECOND, times=1))

    ticks = await asyncio.gather(*(rig.tick(rig.services(process)) for _ in range(3)))

    assert {counters.unfinished for counters in ticks} == {True}
    bodies = [json.loads(task.http_request.body) for task in await waiting_continuations(rig)]
    assert sorted(body["shards"] for body in bodies) == [[shard] for shard in range(8)]
    assert process.effects.count("continue_tick") == 24


async def test_a_further_tick_that_comes_twice_hands_its_shard_over_once(rig: Rig) -> None:
    triggers = await due_triggers(rig, "p", 700)
    shard = [trigger for trigger in triggers if trigger.shard == 3]
    process = rig.process(before_effect=slow_claims(rig, 51 * SECOND, times=1))

    ticks = await asyncio.gather(
        *(continued_tick(rig, 3, services=rig.services(process, timing=Timing())) for _ in range(2))
    )

    assert {counters.unfinished for counters in ticks} == {True}
    assert [json.loads(task.http_request.body)["shards"] for task in await waiting_continuations(rig)] == [[3]]
    assert {(project, trigger) for project, trigger, _ in await claimed_occurrences(rig, "p")} <= {
        (each.project, each.id) for each in shard
    }


async def test_the_budget_ends_between_two_groups(rig: Rig) -> None:
    await due_triggers(rig, "p", 300)

    counters = await rig.tick(rig.services(rig.process(before_effect=slow_claims(rig, 36 * SECOND, times=1))))

    assert counters.unfinished
    # Those under way beside the slow one, and no more.
    assert GROUP <= counters.due <= 2 * GROUPS_AT_ONCE * GROUP - GROUP


async def test_a_tick_without_time_claims_one_group_all_the_same(rig: Rig) -> None:
    await due_triggers(rig, "p", 50)
    hasty = rig.services(timing=Timing(tick_budget=timedelta(microseconds=1)))

    counters = await rig.tick(hasty)

    assert (counters.due, counters.claimed, counters.unfinished) == (GROUP, GROUP, True)


async def test_a_queue_that_takes_no_tick_leaves_the_backlog_to_the_next_minute(rig: Rig) -> None:
    triggers = await due_triggers(rig, "p", 400)
    await rig.tasks.delete_queue(name=ticks_queue(rig))

    first = await rig.tick(rig.services(rig.process(before_effect=slow_claims(rig, 36 * SECOND, times=1))))
    state = await rig.store.scheduler()
    await rig.tick()

    assert (first.failed, first.unfinished) == (rig.timing.shards, True)
    assert state is not None
    assert (state.counters, state.consecutive_failures) == (first, 0)
    assert Counter(await claimed_occurrences(rig, "p")) == Counter(occurrences(triggers))


@pytest.mark.parametrize("kind", [Kind.LOST_ACKNOWLEDGEMENT, Kind.REFUSED])
async def test_one_shard_that_gets_no_continuation_holds_no_other_back(rig: Rig, kind: Kind) -> None:
    triggers = await due_triggers(rig, "p", 60)
    clean = rig.process()
    hasty = Timing(tick_budget=timedelta(microseconds=1))
    await rig.tick(rig.services(clean, timing=hasty))
    at = clean.effects.index("continue_tick") + 1
    before = {task.name for task in await waiting_continuations(rig)}

    counters = await rig.tick(rig.services(rig.process(Fault(at, kind)), timing=hasty))

    assert (counters.failed, counters.unfinished) == (1, True)
    made = {task.name for task in await waiting_continuations(rig)} - before
    assert len(made) == (rig.timing.shards if kind is Kind.LOST_ACKNOWLEDGEMENT else rig.timing.shards - 1)
    await rig.tick()
    assert Counter(await claimed_occurrences(rig, "p")) == Counter(occurrences(triggers))


async def test_a_backlog_leaves_the_sweep_its_time(rig: Rig) -> None:
    await due_triggers(rig, "lost", 250)
    await rig.tick()
    await rig.tasks.purge_queue(name=rig.queue_name)
    await rig.advance(2 * MINUTE)
    await due_triggers(rig, "p", 400, after=80 * SECOND)

    counters = await rig.tick(rig.services(rig.process(before_effect=slow_claims(rig, 36 * SECOND, times=1))))

    assert (counters.unfinished, counters.rescued) == (True, 250)


async def test_a_further_tick_neither_sweeps_nor_counts_for_health(rig: Rig) -> None:
    [run] = await _lost(rig)
    shard = (await due_triggers(rig, "p", 1))[0].shard
    before = SchedulerState(last_tick=rig.clock.present, counters=TickCounters(lag=7, unfinished=True))
    await rig.store.record_tick(before)

    counters = await continued_tick(rig, shard)

    assert (counters.claimed, counters.rescued) == (1, 0)
    assert await rig.store.scheduler() == before
    assert await rig.run(run) == run


async def test_a_store_that_takes_no_claim_does_not_keep_a_tick_from_its_end(rig: Rig) -> None:
    triggers = await due_triggers(rig, "p", 350)

    refused = 0

    async def refuse(text: str) -> None:
        nonlocal refused
        if text.startswith("commit change Trigger"):
            refused += 1
            assert refused < 1000, "the tick tries without an end"
            raise StoreUnavailable(text)

    counters = await rig.tick(rig.services(rig.process(before_effect=refuse)))
    later = await rig.tick()

    # The page, the rounds and what is left over show each of them once.
    assert (counters.claimed, counters.unfinished, counters.failed) == (0, False, 300 + 350 + 350)
    assert (later.claimed, later.failed) == (len(triggers), 0)


async def _lost(rig: Rig) -> list[Run]:
    await rig.create_project("q")
    await rig.create_trigger("q", lasts=15 * SECOND, overlap="parallel")
    await rig.tasks.purge_queue(name=rig.queue_name)
    await rig.advance(2 * MINUTE)
    return await rig.runs("q")
