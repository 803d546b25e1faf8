"""Late runs: those that catch up take turns, and a claimed run that starts too late is missed, with the reason."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, cast

import pytest

from app.checks import checked_runs
from app.faults import Process
from app.rig import Rig, delivery_of
from app.scripted_executor import DONE, Behaviour
from tock.app.execution.execute import Receipt
from tock.core.run.outcome import Failed
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import Trigger
from tock.ports.clock import Clock
from tock.ports.store import Store

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
OUTAGE = 4 * MINUTE
FAILED = Failed(type="broke", message="It broke.", retryable=True)


async def half_minutely(rig: Rig, *, works: timedelta = 3 * SECOND, **spec: Any) -> Trigger:
    """A trigger that fires every 30 s for ten minutes."""
    rig.executor.behaviour = lambda _: Behaviour(works=works)
    await rig.create_project("p")
    return await rig.create_trigger("p", lasts=10 * MINUTE, schedule={"every": "30s"}, **spec)


async def play(rig: Rig, *, minutes: int) -> None:
    """Tick at every minute and deliver at every second, as a healthy deployment does."""
    for _ in range(minutes):
        await rig.tick()
        for _ in range(60):
            await rig.deliver()
            await rig.advance(SECOND)


async def without_ticks(rig: Rig, length: timedelta) -> None:
    """Deliver what is claimed, and claim nothing."""
    end = rig.clock.present + length
    while rig.clock.present < end:
        await rig.deliver()
        await rig.advance(SECOND)


def of(runs: list[Run], status: RunStatus) -> list[datetime]:
    return [run.scheduled_for for run in runs if run.status is status]


@pytest.mark.slow
@pytest.mark.parametrize("overlap", ["skip", "queue", "replace", "parallel"])
@pytest.mark.parametrize("works", [3 * SECOND, 20 * SECOND])
async def test_all_late_occurrences_run_one_after_the_other_and_the_punctual_ones_too(
    rig: Rig, works: timedelta, overlap: str
) -> None:
    trigger = await half_minutely(rig, works=works, overlap=overlap, catch_up={"mode": "all", "window": "1h"})
    await play(rig, minutes=1)
    await without_ticks(rig, OUTAGE)

    await play(rig, minutes=7)

    runs = await checked_runs(rig, trigger)
    assert len(runs) == 20
    late = [run for run in runs if run.late]
    assert len(late) >= 5
    assert {run.status for run in late} == {RunStatus.SUCCEEDED}
    # Until the last of them has ended, punctual ones wait for their turn, too; then the policy decides again.
    caught_up = max(run.finished for run in late if run.finished is not None)
    others = [run for run in runs if run.status is not RunStatus.SUCCEEDED]
    assert {run.status for run in others} <= {RunStatus.SKIPPED, RunStatus.CANCELLED}
    assert not [run for run in others if run.scheduled_for <= caught_up] or overlap == "replace"
    assert works > 15 * SECOND or others == []
    starts = [run.started for run in late if run.started is not None]
    assert starts == sorted(starts)
    assert all(later - earlier >= works for earlier, later in pairwise(starts))


async def test_a_late_run_is_skipped_for_one_that_was_at_work_at_its_own_time(rig: Rig) -> None:
    trigger = await half_minutely(rig, works=7 * MINUTE, timeout="10m", catch_up={"mode": "all", "window": "1h"})
    await play(rig, minutes=1)
    await without_ticks(rig, OUTAGE)
    await rig.recover()

    first, *others = await checked_runs(rig, trigger)
    assert first.status is RunStatus.SUCCEEDED
    met = [run for run in others if run.blocked_by == first.id]
    assert {run.status for run in met} == {RunStatus.SKIPPED}
    assert len(met) >= 10
    assert all(run.reason is not None and "has been running since" in run.reason for run in met)


async def stopped_runners(rig: Rig, trigger: Trigger) -> list[Run]:
    """Claim as ever for four minutes while nothing is delivered; then recover, and return the runs."""
    for _ in range(4):
        await rig.tick()
        await rig.advance(MINUTE)
    await rig.recover()
    return await checked_runs(rig, trigger)


async def test_without_a_runner_the_newest_claimed_run_starts_and_older_ones_are_missed(rig: Rig) -> None:
    trigger = await half_minutely(rig, catch_up={"mode": "latest", "window": "1h"})
    begun = rig.clock.present

    runs = await stopped_runners(rig, trigger)

    missed = [run for run in runs if run.status is RunStatus.MISSED]
    assert of(runs, RunStatus.SUCCEEDED)[0] >= begun + 3 * MINUTE
    assert len(missed) >= 5
    assert all(run.missed is not None and run.missed.count == 1 for run in missed)
    for run in missed:
        assert run.reason is not None
        assert "catch-up is latest, and the fire time" in run.reason
        assert "has come since" in run.reason


async def test_without_a_runner_a_run_of_catch_up_none_is_missed_after_a_minute(rig: Rig) -> None:
    trigger = await half_minutely(rig, catch_up={"mode": "none"})

    runs = await stopped_runners(rig, trigger)

    missed = [run for run in runs if run.status is RunStatus.MISSED]
    assert len(missed) >= 5
    assert all(run.reason is not None and "catch-up is none" in run.reason for run in missed)
    assert all(run.lateness is not None and run.lateness <= MINUTE for run in runs if run.started is not None)


async def test_without_a_runner_a_run_is_missed_beyond_the_window(rig: Rig) -> None:
    trigger = await half_minutely(rig, catch_up={"mode": "all", "window": "2m"})

    runs = await stopped_runners(rig, trigger)

    missed = [run for run in runs if run.status is RunStatus.MISSED]
    assert len(missed) >= 3
    assert all(run.reason is not None and "catch-up is all within PT2M" in run.reason for run in missed)
    assert all(run.lateness is not None and run.lateness <= 2 * MINUTE for run in runs if run.started is not None)


async def test_a_run_is_missed_at_its_start_deadline_also_while_it_waits_in_a_queue(rig: Rig) -> None:
    trigger = await half_minutely(
        rig, works=2 * MINUTE, overlap="queue", queue_depth=3, start_deadline="40s", catch_up={"mode": "all"}
    )

    await play(rig, minutes=4)
    await rig.recover()

    runs = await checked_runs(rig, trigger)
    missed = [run for run in runs if run.status is RunStatus.MISSED]
    assert missed != []
    for run in missed:
        assert run.reason is not None
        assert run.reason.startswith("it could not start within its start deadline of PT40S")
        assert "it was held behind run" in run.reason
    assert all(run.lateness is not None and run.lateness <= 40 * SECOND for run in runs if run.started is not None)


async def test_a_punctual_run_costs_no_read_of_its_trigger(rig: Rig) -> None:
    await half_minutely(rig)
    await rig.advance(30 * SECOND)
    process: Process = rig.process()

    await rig.deliver(rig.services(process))

    assert process.reads["trigger"] == 0


async def test_a_fresh_occurrence_ends_a_waiting_retry_if_the_policy_says_so(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(FAILED if context.attempt == 1 else DONE)
    await rig.create_project("p")
    retry = {"max_retries": 2, "delay": "1h", "give_up_at_next": True}
    trigger = await rig.create_trigger("p", lasts=90 * SECOND, schedule={"every": "30s"}, retry=retry)

    await play(rig, minutes=2)
    runs = await rig.runs("p")

    ended = [run for run in runs if run.status is RunStatus.FAILED]
    assert len(ended) == len(runs) - 1
    for run, following in pairwise(runs):
        assert run.reason is not None
        assert run.reason.startswith(f"its retry was given up: run {following.id}")
        assert run.error is not None
    assert trigger.retry.give_up_at_next


class _SlowReads:
    """A store on which one call of one method takes a while: the call of this number, from 1."""

    def __init__(self, store: Store, *, slow: str, number: int = 1, clock: Clock, takes: timedelta) -> None:
        self._store, self._slow, self._clock, self._takes = store, slow, clock, takes
        self._before = number - 1

    def __getattr__(self, name: str) -> Any:
        read = getattr(self._store, name)
        if name != self._slow:
            return read

        async def slowly(*args: Any) -> Any:
            if self._before == 0:
                await self._clock.sleep(self._takes)
            self._before -= 1
            return await read(*args)

        return slowly


@pytest.mark.parametrize(
    ("takes", "status"), [(9 * SECOND, RunStatus.SUCCEEDED), (11 * SECOND, RunStatus.MISSED)], ids=["fresh", "stale"]
)
async def test_a_decision_to_start_is_made_again_after_ten_seconds(
    rig: Rig, takes: timedelta, status: RunStatus
) -> None:
    await half_minutely(rig, start_deadline="10s")
    await rig.advance(30 * SECOND)
    [run, *_] = await rig.runs("p")

    services = rig.services()
    slow = cast("Store", _SlowReads(services.store, slow="agent", clock=rig.clock, takes=takes))
    await rig.deliver(replace(services, store=slow))
    await rig.advance(takes + 5 * SECOND)

    assert (await rig.run(run)).status is status


async def test_a_run_that_becomes_late_between_its_decision_and_its_start_takes_its_turn(rig: Rig) -> None:
    await half_minutely(rig, works=5 * MINUTE, overlap="parallel", catch_up={"mode": "all", "window": "1h"})
    await rig.tick()
    first, second, *_ = sorted(await rig.runs("p"), key=lambda run: run.scheduled_for)
    await rig.advance(second.due_at + 55 * SECOND - rig.clock.present)
    late = asyncio.create_task(rig.execute(delivery_of(first)))
    await rig.quiet()

    services = rig.services()
    slow = cast("Store", _SlowReads(services.store, slow="agent", clock=rig.clock, takes=9 * SECOND))
    punctual = asyncio.create_task(rig.execute(delivery_of(second), services=replace(services, store=slow)))
    await rig.quiet()
    await rig.advance(20 * SECOND)

    assert await punctual is Receipt.NOT_STARTED
    assert [(await rig.run(run)).status for run in (first, second)] == [RunStatus.RUNNING, RunStatus.HELD]
    rig.executor.release(first.id)
    await rig.advance(5 * MINUTE)
    assert await late is Receipt.SETTLED


async def test_a_run_is_held_for_one_that_becomes_late_while_it_is_read(rig: Rig) -> None:
    await half_minutely(rig, overlap="skip", catch_up={"mode": "all", "window": "1h"})
    await rig.tick()
    first, second, *_ = sorted(await rig.runs("p"), key=lambda run: run.scheduled_for)
    await rig.advance(first.due_at + 55 * SECOND - rig.clock.present)

    services = rig.services()
    # The first read is that of the run itself, the second that of the one before it.
    slow = cast("Store", _SlowReads(services.store, slow="run", number=2, clock=rig.clock, takes=9 * SECOND))
    punctual = asyncio.create_task(rig.execute(delivery_of(second), services=replace(services, store=slow)))
    await rig.quiet()
    await rig.advance(20 * SECOND)

    assert await punctual is Receipt.NOT_STARTED
    assert (await rig.run(second)).status is RunStatus.HELD
