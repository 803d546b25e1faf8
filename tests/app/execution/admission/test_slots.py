"""Limits of how many runs work at once: never exceeded, and nobody who waits in line is forgotten or overtaken."""

from datetime import timedelta
from typing import Any

import pytest

from app.faults import Fault, Kind
from app.rig import AGENT, Rig, delivery_of
from app.scripted_executor import Behaviour
from tock.app.execution.cancel import cancel
from tock.app.manage.agents import edit_agent
from tock.app.start.run_now import RunOptions, run_agent
from tock.app.tick.sweep import sweep
from tock.core.run.outcome import Failed, WaitFor, Waiting
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.run.transition import LINE_RECHECK
from tock.ports.store import Delete

pytestmark = pytest.mark.anyio
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SCOPE = f"agent:{AGENT}"


async def limited(rig: Rig, limit: int | None) -> None:
    await rig.create_project("p")
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"concurrency": limit}, by="ada")
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)


async def started(rig: Rig, count: int) -> list[Run]:
    """Start runs a second apart, and deliver them."""
    runs = []
    for _ in range(count):
        launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
        runs.append(launched.run)
        await rig.deliver()
        await rig.advance(SECOND)
    return runs


async def statuses(rig: Rig, runs: list[Run]) -> list[RunStatus]:
    return [(await rig.run(run)).status for run in runs]


RUNNING, HELD, SUCCEEDED = RunStatus.RUNNING, RunStatus.HELD, RunStatus.SUCCEEDED


async def test_a_run_without_a_slot_waits_without_an_attempt_and_starts_when_one_is_free(rig: Rig) -> None:
    await limited(rig, 1)
    runs = await started(rig, 3)
    assert await statuses(rig, runs) == [RUNNING, HELD, HELD]
    assert (await rig.run(runs[1])).attempts == ()

    rig.executor.release(runs[0].id)
    await rig.advance(SECOND)
    await rig.deliver()

    assert await statuses(rig, runs) == [SUCCEEDED, RUNNING, HELD]
    assert [slot.value.run for slot in await rig.store.slots("p", SCOPE)] == [runs[1].id]


async def test_who_came_first_goes_first(rig: Rig) -> None:
    await limited(rig, 1)
    runs = await started(rig, 2)
    rig.executor.release(runs[0].id)
    await rig.advance(SECOND)

    # The promoted run is not delivered yet, and a newer one comes.
    later = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
    await rig.execute(delivery_of(later.run))

    assert await statuses(rig, [runs[1], later.run]) == [RunStatus.QUEUED, HELD]


async def test_slots_that_are_given_back_together_promote_one_run_each(rig: Rig) -> None:
    await limited(rig, 8)
    runs = await started(rig, 16)

    for run in runs[:8]:
        rig.executor.release(run.id)
    await rig.advance(SECOND)

    assert await statuses(rig, runs) == [SUCCEEDED] * 8 + [RunStatus.QUEUED] * 8


async def test_after_a_limit_was_lowered_nobody_starts_until_fewer_work(rig: Rig) -> None:
    await limited(rig, 3)
    runs = await started(rig, 4)
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"concurrency": 1}, by="ada")

    for ended in runs[:2]:
        rig.executor.release(ended.id)
        await rig.advance(SECOND)
        await rig.deliver()
    assert await statuses(rig, runs) == [SUCCEEDED, SUCCEEDED, RUNNING, HELD]

    rig.executor.release(runs[2].id)
    await rig.advance(SECOND)
    await rig.deliver()
    assert (await rig.run(runs[3])).status is RUNNING


async def test_without_a_limit_nobody_waits_and_no_slot_is_taken(rig: Rig) -> None:
    await limited(rig, None)

    runs = await started(rig, 3)

    assert await statuses(rig, runs) == [RUNNING] * 3
    assert await rig.store.slots("p", SCOPE) == ()


@pytest.mark.parametrize(
    "outcome",
    [Failed("busy", "Busy.", retryable=True), Failed("wrong", "Wrong.", retryable=False), Waiting(WaitFor.APPROVAL)],
)
async def test_a_run_that_does_not_work_holds_no_slot(rig: Rig, outcome: Any) -> None:
    await limited(rig, 1)
    rig.executor.behaviour = lambda _: Behaviour(outcome=outcome, until_released=True)
    runs = await started(rig, 2)

    rig.executor.release(runs[0].id)
    await rig.advance(SECOND)
    await rig.deliver()

    assert (await rig.run(runs[1])).status is RUNNING


async def test_a_lost_runner_gives_its_slot_back(rig: Rig) -> None:
    await limited(rig, 1)
    dies_at_its_heartbeat = rig.process(Fault(2, Kind.CRASH_BEFORE))
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
    await rig.deliver(rig.services(dies_at_its_heartbeat))
    await rig.advance(rig.timing.heartbeat)
    [waiting] = await started(rig, 1)

    await rig.advance(rig.timing.lease + SECOND)
    await rig.tick()
    await rig.deliver()

    assert (await rig.run(launched.run)).slots == ()
    assert (await rig.run(waiting)).status is RUNNING


async def test_a_slot_whose_run_is_gone_is_given_back(rig: Rig) -> None:
    await limited(rig, 1)
    runs = await started(rig, 1)
    found = await rig.store.run("p", runs[0].id)
    assert found is not None
    await rig.store.commit([Delete.of(found)])

    [waiting] = await started(rig, 1)
    await rig.advance(2 * MINUTE)
    await rig.tick()
    await rig.deliver()

    assert (await rig.run(waiting)).status is RUNNING


async def test_a_cancelled_run_leaves_the_line(rig: Rig) -> None:
    await limited(rig, 1)
    runs = await started(rig, 3)

    await cancel(rig.services(), project="p", run=runs[1].id, reason="enough", by="ada")
    rig.executor.release(runs[0].id)
    await rig.advance(SECOND)
    await rig.deliver()

    assert await statuses(rig, runs) == [SUCCEEDED, RunStatus.CANCELLED, RUNNING]


async def test_a_run_that_waits_long_starts_soon_after_a_slot_is_free_that_nobody_told_of(rig: Rig) -> None:
    await limited(rig, 1)
    runs = await started(rig, 5)
    for _ in range(3):
        await rig.advance(MINUTE)
        await rig.tick()

    # Who raises a limit promotes nobody.
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"concurrency": 3}, by="ada")
    await rig.advance(MINUTE)
    await rig.tick()
    await rig.deliver()

    assert await statuses(rig, runs) == [RUNNING, RUNNING, RUNNING, HELD, HELD]


async def test_of_a_long_line_only_the_last_are_looked_at_soon(rig: Rig) -> None:
    await limited(rig, 1)
    runs = await started(rig, 6)

    await rig.advance(MINUTE)
    await rig.tick()

    now = rig.clock.now()
    looks = [(await rig.run(run)).check_at or now for run in runs[1:]]
    # The clock moves a little at each look.
    waits = [timedelta(seconds=round((look - now).total_seconds())) for look in looks]
    assert waits == [rig.timing.held_recheck] * 2 + [LINE_RECHECK] * 3


async def test_a_line_is_looked_at_again_when_the_store_did_not_answer(rig: Rig) -> None:
    await limited(rig, 1)
    runs = await started(rig, 2)
    await edit_agent(rig.services(), project="p", agent=AGENT, changes={"concurrency": 2}, by="ada")
    await rig.advance(MINUTE)
    unlucky = rig.services(rig.process(Fault(1, Kind.REFUSED)))
    await sweep(unlucky, deadline=rig.clock.now() + MINUTE)

    await rig.tick()
    await rig.deliver()

    assert await statuses(rig, runs) == [RUNNING, RUNNING]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_whatever_fails_at_a_settlement_the_next_in_line_starts(rig: Rig, kind: Kind, at: int) -> None:
    await limited(rig, 1)
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
    await rig.deliver(rig.services(rig.process(Fault(at, kind))))
    [waiting] = await started(rig, 1)
    rig.executor.release(launched.run.id)
    rig.executor.release(waiting.id)

    for _ in range(3):
        await rig.advance(MINUTE)
        await rig.tick()
        await rig.deliver()

    assert await statuses(rig, [launched.run, waiting]) == [SUCCEEDED, SUCCEEDED]
    assert await rig.store.slots("p", SCOPE) == ()
