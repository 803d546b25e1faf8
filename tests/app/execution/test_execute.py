"""Deliveries that come twice, early, late or for an attempt that is over: each attempt starts once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.checks import checked_runs, nothing_is_stuck
from app.clocks import SkewedClock
from app.rig import Rig, delivery_of, receipt_of
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.execution.cancel import cancel
from tock.app.execution.execute import Receipt
from tock.core.errors import CommitConflict
from tock.core.run.backoff import LOSS_SPREAD
from tock.core.run.outcome import Failed
from tock.core.run.status import AttemptStatus, RunStatus
from tock.ports.store import Change, Versioned

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
FAILED = Failed(type="broke", message="It broke.", retryable=True)


async def test_twenty_deliveries_of_one_task_at_once_begin_one_attempt(rig: Rig) -> None:
    run = await one_due_run(rig)

    receipts = await asyncio.gather(*(rig.execute(delivery_of(run)) for _ in range(20)))

    assert sorted(map(str, receipts)) == ["nothing_to_do"] * 19 + ["settled"]
    assert len(rig.executor.started) == 1


async def test_a_delivery_after_the_settlement_does_nothing(rig: Rig) -> None:
    run = await one_due_run(rig)
    await rig.execute(delivery_of(run))
    settled = await rig.run(run)

    receipt = await rig.execute(delivery_of(run))

    assert receipt is Receipt.NOTHING_TO_DO
    assert await rig.run(run) == settled
    assert len(rig.executor.started) == 1


async def test_a_delivery_of_the_attempt_before_does_nothing_between_retries(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(FAILED)
    run = await one_due_run(rig)
    await rig.execute(delivery_of(run))
    between = await rig.run(run)

    receipts = [await rig.execute(delivery_of(run)), await rig.execute(delivery_of(between))]

    assert receipts == [Receipt.NOTHING_TO_DO, Receipt.EARLY]
    assert between.status is RunStatus.QUEUED
    assert await rig.run(run) == between
    assert rig.executor.starts == {(run.id, 1): 1}


async def test_a_delivery_of_a_cancelled_run_begins_nothing(rig: Rig) -> None:
    run = await one_due_run(rig)
    await cancel(rig.services(), project="p", run=run.id, reason="not today", by="ada")

    await rig.deliver()

    stored = await rig.run(run)
    assert (stored.status, stored.reason) == (RunStatus.CANCELLED, "not today")
    assert stored.cancel_requested is not None
    assert stored.cancel_requested.by == "ada"
    assert rig.executor.started == []
    assert await rig.waiting() == []


async def test_a_delivery_before_its_time_is_asked_for_again_and_then_begins(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=15 * SECOND)
    [run] = await rig.runs("p")
    await rig.advance(run.due_at - rig.clock.present - 3 * SECOND)

    early = await rig.execute(delivery_of(run))
    await rig.advance(3 * SECOND)
    on_time = await rig.execute(delivery_of(run))

    assert (early, on_time) == (Receipt.EARLY, Receipt.SETTLED)
    assert isinstance(early, Receipt)
    assert early.deliver_again


async def test_a_delivery_of_what_does_not_exist_does_nothing(rig: Rig) -> None:
    run = await one_due_run(rig)

    receipt = await rig.execute(delivery_of(run.model_copy(update={"id": "nobody"})))

    assert receipt is Receipt.NOTHING_TO_DO


async def test_a_run_that_another_writes_to_while_it_is_claimed_begins_all_the_same(rig: Rig) -> None:
    run = await one_due_run(rig)
    touched: list[str] = []

    async def touch(text: str) -> None:
        if text == "commit change Run" and not touched:
            touched.append(text)
            found = await rig.store.run("p", run.id)
            assert found is not None
            after = found.value.model_copy(update={"followed_by": "a-later-run"})
            await rig.store.commit([Change(before=found, after=after)])

    receipt = await rig.execute(delivery_of(run), services=rig.services(rig.process(before_effect=touch)))

    assert receipt is Receipt.SETTLED
    assert len(rig.executor.started) == 1
    assert touched


async def test_a_runner_that_returns_after_its_lease_writes_nothing_and_its_agent_is_stopped(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(until_released=True, emits=2 if context.attempt == 1 else 3)
    run = await one_due_run(rig)
    zombie = rig.process()
    [first] = await rig.deliver(rig.services(zombie))
    await rig.advance(5 * SECOND)
    # The runner sleeps through its lease: nothing of it is heard until the run has been rescued.
    stored = await rig.store.run("p", run.id)
    assert stored is not None
    later = rig.clock.present + rig.timing.lease + SECOND
    rig.clock.freeze()
    await rig.advance(later - rig.clock.present)
    counters = await rig.tick()
    await rig.advance(LOSS_SPREAD)
    [second] = await rig.deliver()
    rescued = await rig.run(run)
    events = (await rig.store.events("p", run.id, since=0, limit=100)).events

    rig.clock.thaw()
    await rig.advance(SECOND)

    assert counters.rescued == 1
    assert receipt_of(first) is Receipt.LOST
    assert [(start.attempt, start.stopped) for start in rig.executor.started] == [(1, True), (2, False)]
    after = await rig.run(run)
    assert (after.attempt, after.status, after.lost) == (2, RunStatus.RUNNING, 1)
    assert after.lease == rescued.lease
    assert [event.seq for event in events] == [1_000_001, 1_000_002]
    rig.executor.release(run.id)
    await rig.quiet()
    assert receipt_of(second) is Receipt.SETTLED
    final = await rig.run(run)
    assert [attempt.status for attempt in final.attempts] == [AttemptStatus.LOST, AttemptStatus.SUCCEEDED]
    assert await rig.waiting() == []


async def test_a_runner_that_ends_its_work_after_its_lease_settles_nothing(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        FAILED if context.attempt == 1 else Behaviour().outcome, until_released=True
    )
    run = await one_due_run(rig)
    [first] = await rig.deliver()
    rig.clock.freeze()
    await rig.advance(rig.timing.lease + SECOND)
    await rig.tick()
    await rig.advance(LOSS_SPREAD)
    await rig.deliver()
    rig.clock.thaw()
    before = await rig.run(run)

    rig.executor.release(run.id, attempt=1)
    await rig.quiet()

    assert receipt_of(first) is Receipt.LOST
    assert (before.status, before.attempt) == (RunStatus.RUNNING, 2)
    assert await rig.run(run) == before
    rig.executor.release(run.id, attempt=2)
    await rig.quiet()
    after = await rig.run(run)
    assert (after.status, after.attempt, after.failures) == (RunStatus.SUCCEEDED, 2, 0)


async def test_a_runner_whose_clock_is_behind_stops_as_soon_as_it_sees_that_its_lease_is_gone(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(until_released=context.attempt == 1)
    run = await one_due_run(rig)
    behind = SkewedClock(rig.clock, skew=-35 * SECOND)
    runner = asyncio.create_task(
        rig.execute(
            delivery_of(run),
            services=replace(rig.services(timing=replace(rig.timing, early_tolerance=MINUTE)), clock=behind),
        )
    )
    await rig.quiet()
    await rig.advance(6 * SECOND)

    counters = await rig.tick()
    await rig.advance(5 * SECOND)

    assert counters.rescued == 1
    assert [start.stopped for start in rig.executor.started] == [True]
    assert receipt_of(runner) is Receipt.LOST
    await rig.recover()
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


async def test_a_heartbeat_keeps_a_long_run_from_being_rescued(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(works=4 * MINUTE)
    run = await one_due_run(rig)
    await rig.deliver()

    for _ in range(5):
        await rig.advance(50 * SECOND)
        await rig.tick()
        await rig.deliver()

    stored = await rig.run(run)
    assert (stored.status, stored.lost, stored.attempt) == (RunStatus.SUCCEEDED, 0, 1)
    assert len(rig.executor.started) == 1


async def test_a_run_written_to_before_each_heartbeat_keeps_its_lease(rig: Rig) -> None:
    # The tightest heartbeat that settings accept: half a lease.
    timing = rig.timing.__class__(lease=20 * SECOND, heartbeat=10 * SECOND)
    rig.timing = timing
    rig.executor.behaviour = lambda _: Behaviour(works=2 * MINUTE)
    run = await one_due_run(rig)
    await rig.deliver()

    for number in range(15):
        await rig.advance(9 * SECOND)
        found = await rig.store.run("p", run.id)
        assert found is not None
        if found.value.status is RunStatus.RUNNING:
            after = found.value.model_copy(update={"followed_by": f"later-{number}"})
            await rig.store.commit([Change(before=found, after=after)])
        await rig.tick()

    stored = await rig.run(run)
    assert (stored.status, stored.lost) == (RunStatus.SUCCEEDED, 0)
    assert stored.followed_by is not None


async def test_a_queued_run_whose_task_was_lost_is_sent_again_under_a_new_name(rig: Rig) -> None:
    run = await one_due_run(rig)
    [task] = await rig.waiting()
    await rig.tasks.delete_task(name=task.name)

    await rig.advance(rig.timing.grace + SECOND)
    counters = await rig.tick()

    [again] = await rig.waiting()
    assert (counters.rescued, counters.enqueued) == (1, 1)
    assert again.name != task.name
    await rig.deliver()
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert rig.executor.starts == {(run.id, 1): 1}


async def test_a_lost_task_is_sent_again_and_again_while_the_queue_does_not_deliver(rig: Rig) -> None:
    run = await one_due_run(rig)

    for _ in range(40):
        await rig.advance(MINUTE)
        await rig.tick()

    assert len(await rig.waiting()) == (await rig.run(run)).dispatch
    assert 5 <= (await rig.run(run)).dispatch <= 12
    await rig.recover()
    assert rig.executor.starts == {(run.id, 1): 1}
    await nothing_is_stuck(rig, project="p")


async def test_a_runner_that_dies_again_and_again_fails_the_run_in_the_end(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig)
    for _ in range(rig.timing.max_lost + 1):
        await rig.deliver()
        rig.clock.freeze()
        await rig.advance(MINUTE)
        await rig.tick()
        await rig.advance(4 * LOSS_SPREAD)

    stored = await rig.run(run)
    assert (stored.status, stored.lost, len(stored.attempts)) == (RunStatus.FAILED, 4, 4)
    assert stored.error is not None
    assert stored.error.type == "lost"
    assert stored.failures == 0


async def test_the_version_of_a_stale_reader_never_wins(rig: Rig) -> None:
    run = await one_due_run(rig)
    stale = await rig.store.run("p", run.id)
    assert stale is not None
    await rig.execute(delivery_of(run))

    after = stale.value.model_copy(update={"status": RunStatus.CANCELLED})
    with pytest.raises(CommitConflict):
        await rig.store.commit([Change(before=Versioned(stale.value, stale.version), after=after)])

    runs = await checked_runs(rig, (await rig.triggers())[0])
    assert [run.status for run in runs] == [RunStatus.SUCCEEDED]


async def test_an_agent_gets_the_zone_of_its_triggers_schedule(rig: Rig) -> None:
    await rig.create_project("p")
    schedule = {"cron": "* * * * *", "time_zone": "Asia/Tokyo"}
    await rig.create_trigger("p", lasts=2 * MINUTE, schedule=schedule, input={"message": "{{scheduled_for_local}}"})

    await rig.recover()

    assert rig.executor.contexts
    for context in rig.executor.contexts:
        assert context.time_zone == "Asia/Tokyo"
        assert context.message == context.scheduled_for.astimezone(ZoneInfo("Asia/Tokyo")).isoformat()
