"""Attempts: retries, timeouts, cancellation, and the events that are written meanwhile."""

import asyncio
from datetime import timedelta

import pytest

from protocol.accounts import nothing_is_stuck
from protocol.faults import Fault, Kind
from protocol.rig import AGENT, Rig, delivery_of
from protocol.script import DONE, Play
from protocol.test_delivery import one_due_run
from tock.app.cancel import Cancellation, cancel
from tock.app.execute import Receipt
from tock.app.run_now import RunOptions, run_agent
from tock.core.errors import RunSettled
from tock.core.outcome import Failed, Succeeded, Usage
from tock.core.run import Run
from tock.core.status import AttemptStatus, RunStatus
from tock.core.timing import Timing

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
FAILED = Failed(type="broke", message="It broke.", retryable=True)


async def test_a_failed_attempt_is_repeated_with_growing_waits_until_it_succeeds(rig: Rig) -> None:
    rig.executor.plays = lambda context: Play(DONE if context.attempt == 4 else FAILED)
    run = await one_due_run(rig, retry={"max_retries": 5, "delay": "10s"})

    await rig.recover()

    stored = await rig.run(run)
    assert (stored.status, stored.attempt, stored.failures, stored.error) == (RunStatus.SUCCEEDED, 4, 3, None)
    assert [attempt.number for attempt in stored.attempts] == [1, 2, 3, 4]
    assert [attempt.error.type if attempt.error else None for attempt in stored.attempts] == ["broke"] * 3 + [None]
    ends = [attempt.ended for attempt in stored.attempts]
    starts = [start.at for start in rig.executor.started]
    for base, ended, started in zip((10, 20, 40), ends, starts[1:], strict=False):
        assert ended is not None
        # A delivery here comes at most a step of fifteen seconds after its time.
        assert base * SECOND <= started - ended <= base * 1.3 * SECOND + 16 * SECOND


@pytest.mark.parametrize("retries", [0, 1, 3])
async def test_n_retries_are_n_and_one_attempts(rig: Rig, retries: int) -> None:
    rig.executor.plays = lambda _: Play(FAILED)
    run = await one_due_run(rig, retry={"max_retries": retries, "delay": "5s"})

    await rig.recover()

    stored = await rig.run(run)
    assert (stored.status, len(rig.executor.started)) == (RunStatus.FAILED, retries + 1)
    assert stored.error is not None
    assert (stored.error.type, stored.error.message) == ("broke", "It broke.")


async def test_what_cannot_succeed_is_not_tried_again(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(Failed(type="denied", message="No.", retryable=False))
    run = await one_due_run(rig)

    await rig.recover()

    stored = await rig.run(run)
    assert (stored.status, len(rig.executor.started)) == (RunStatus.FAILED, 1)


async def test_a_wait_that_the_other_side_asked_for_is_kept(rig: Rig) -> None:
    busy = Failed(type="busy", message="Later.", retryable=True, retry_after=100 * SECOND)
    rig.executor.plays = lambda context: Play(busy if context.attempt == 1 else DONE)
    run = await one_due_run(rig, retry={"delay": "5s"})

    await rig.execute(delivery_of(run))

    between = await rig.run(run)
    assert between.attempts[0].ended is not None
    assert between.due_at - between.attempts[0].ended >= 100 * SECOND


async def test_a_defect_of_the_executor_is_a_failed_attempt(rig: Rig) -> None:
    rig.executor.plays = lambda context: Play(ZeroDivisionError("by zero") if context.attempt == 1 else DONE)
    run = await one_due_run(rig)

    await rig.recover()

    stored = await rig.run(run)
    assert (stored.status, stored.attempt) == (RunStatus.SUCCEEDED, 2)
    assert stored.attempts[0].error is not None
    assert stored.attempts[0].error.type == "ZeroDivisionError"


@pytest.mark.parametrize("retries", [0, 1])
async def test_an_attempt_over_its_time_is_really_stopped(rig: Rig, retries: int) -> None:
    rig.executor.plays = lambda _: Play(until_released=True)
    run = await one_due_run(rig, timeout="60s", retry={"max_retries": retries, "delay": "5s"})

    await rig.deliver()
    await rig.advance(MINUTE + SECOND)
    stopped = list(rig.executor.started)
    await rig.recover()

    assert [start.stopped for start in stopped] == [True]
    stored = await rig.run(run)
    assert (stored.status, len(stored.attempts)) == (RunStatus.TIMED_OUT, retries + 1)
    assert {attempt.status for attempt in stored.attempts} == {AttemptStatus.TIMED_OUT}
    assert stored.attempts[0].ended is not None
    assert stored.attempts[0].ended - stored.attempts[0].started < 62 * SECOND
    assert rig.executor.at_work == []


async def test_an_attempt_that_does_not_let_itself_be_stopped_is_ended_from_outside(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(until_released=True, stops_after=10 * MINUTE)
    run = await one_due_run(rig, timeout="60s", retry={"max_retries": 0})
    [runner] = await rig.deliver()

    await rig.advance(MINUTE + rig.timing.backstop + SECOND)
    await rig.tick()

    stored = await rig.run(run)
    assert (stored.status, stored.attempts[0].status) == (RunStatus.TIMED_OUT, AttemptStatus.TIMED_OUT)
    await rig.advance(10 * MINUTE)
    assert (await runner) is Receipt.LOST
    assert await rig.run(run) == stored


async def test_no_heartbeat_carries_an_attempt_beyond_its_backstop(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(until_released=True)
    run = await one_due_run(rig, timeout="60s")
    await rig.deliver()
    start = rig.clock.present

    for _ in range(6):
        await rig.advance(9 * SECOND)
        lease = (await rig.run(run)).lease
        assert lease is not None
        assert lease.expires_at <= start + MINUTE + rig.timing.backstop


async def test_a_run_at_work_notices_its_cancellation_at_the_next_heartbeat(rig: Rig) -> None:
    rig.timing = Timing(heartbeat=2 * SECOND)
    rig.executor.plays = lambda _: Play(until_released=True)
    run = await one_due_run(rig)
    await rig.deliver()

    first = await cancel(rig.parts(), project="p", run=run.id, reason="enough", by="ada")
    again = await cancel(rig.parts(), project="p", run=run.id, reason="enough!", by="bob")
    await rig.advance(2 * SECOND)

    assert (first.previous_status, first.run.status) == (RunStatus.RUNNING, RunStatus.RUNNING)
    assert again.run.cancel_requested == first.run.cancel_requested
    stored = await rig.run(run)
    assert (stored.status, stored.reason, stored.attempts[0].status) == (
        RunStatus.CANCELLED,
        "enough",
        AttemptStatus.CANCELLED,
    )
    assert stored.cancel_requested is not None
    assert stored.cancel_requested.by == "ada"
    assert [start.stopped for start in rig.executor.started] == [True]
    third = await cancel(rig.parts(), project="p", run=run.id, reason="enough", by="ada")
    assert third == Cancellation(run=stored, previous_status=RunStatus.CANCELLED)


async def test_a_cancellation_is_noticed_although_the_claim_was_not_acknowledged(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(until_released=True)
    run = await one_due_run(rig)
    cancelled: list[Cancellation] = []
    process = rig.process(Fault(1, Kind.REPEATED))
    parts = rig.parts(process)
    read = parts.store.run

    async def look(project: str, identifier: str) -> object:
        if process.effects and not cancelled:
            cancelled.append(await cancel(rig.parts(), project=project, run=identifier, reason="enough", by="ada"))
        return await read(project, identifier)

    parts.store.run = look  # type: ignore[method-assign, assignment]  # somebody cancels between a claim and its look
    await rig.deliver(parts)
    await rig.advance(rig.timing.heartbeat + SECOND)

    assert cancelled[0].previous_status is RunStatus.RUNNING
    assert (await rig.run(run)).status is RunStatus.CANCELLED


async def test_a_cancellation_is_carried_out_for_a_runner_that_died(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(until_released=True)
    run = await one_due_run(rig)
    await rig.deliver()
    rig.clock.freeze()
    await cancel(rig.parts(), project="p", run=run.id, reason="enough", by="ada")

    await rig.advance(MINUTE)
    await rig.tick()

    stored = await rig.run(run)
    assert (stored.status, stored.reason) == (RunStatus.CANCELLED, "enough")
    assert len(rig.executor.started) == 1


async def test_a_cancellation_is_not_undone_by_a_retry(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(FAILED, until_released=True)
    run = await one_due_run(rig)
    await rig.deliver()
    await cancel(rig.parts(), project="p", run=run.id, reason="enough", by="ada")

    rig.executor.release(run.id)
    await rig.quiet()

    stored = await rig.run(run)
    assert (stored.status, stored.reason, stored.failures) == (RunStatus.CANCELLED, "enough", 1)
    await rig.recover()
    assert len(rig.executor.started) == 1


async def test_a_cancellation_between_retries_ends_the_run(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(FAILED)
    run = await one_due_run(rig)
    await rig.deliver()

    cancelled = await cancel(rig.parts(), project="p", run=run.id, reason="enough", by="ada")
    await rig.recover()

    assert cancelled.previous_status is RunStatus.QUEUED
    assert (await rig.run(run)).status is RunStatus.CANCELLED
    assert len(rig.executor.started) == 1


async def test_of_a_cancellation_and_a_completion_at_once_one_wins_and_the_other_is_told(rig: Rig) -> None:
    rig.executor.plays = lambda _: Play(until_released=True)
    for number in range(6):
        await rig.tenant(f"p{number}")
        launched = await run_agent(
            rig.parts(), project=f"p{number}", agent=AGENT, options=RunOptions(), key=None, by="ada"
        )
        run = launched.run
        runner = asyncio.create_task(rig.execute(delivery_of(run)))
        await rig.quiet()

        rig.executor.release(run.id)
        ended = await rig.attempt(cancel(rig.parts(), project=run.project, run=run.id, reason="enough", by="ada"))
        await rig.advance(rig.timing.heartbeat)

        assert (await runner) is Receipt.SETTLED
        stored = await rig.run(run)
        if isinstance(ended, RunSettled):
            assert (stored.status, stored.cancel_requested) == (RunStatus.SUCCEEDED, None)
        else:
            assert stored.status in {RunStatus.CANCELLED, RunStatus.SUCCEEDED}
            assert stored.cancel_requested is not None


@pytest.mark.parametrize("outcome", [DONE, FAILED], ids=["success", "failure"])
async def test_a_settlement_that_meets_a_cancellation_is_made_again_on_what_is_there(
    rig: Rig, outcome: Succeeded | Failed
) -> None:
    rig.executor.plays = lambda _: Play(outcome)
    run = await one_due_run(rig)
    requested: list[Cancellation] = []

    async def meanwhile(_: str) -> None:
        if rig.executor.started and not requested:
            requested.append(await cancel(rig.parts(), project="p", run=run.id, reason="enough", by="ada"))

    receipt = await rig.execute(delivery_of(run), parts=rig.parts(rig.process(meanwhile=meanwhile)))

    assert receipt is Receipt.SETTLED
    assert len(requested) == 1
    stored = await rig.run(run)
    assert stored.cancel_requested is not None
    assert stored.status is (RunStatus.SUCCEEDED if outcome is DONE else RunStatus.CANCELLED)


@pytest.mark.parametrize("status", [RunStatus.SUCCEEDED, RunStatus.FAILED])
async def test_what_has_ended_cannot_be_cancelled(rig: Rig, status: RunStatus) -> None:
    ends = DONE if status is RunStatus.SUCCEEDED else Failed(type="no", message="No.", retryable=False)
    rig.executor.plays = lambda _: Play(ends)
    run = await one_due_run(rig)
    await rig.deliver()
    before = await rig.run(run)

    with pytest.raises(RunSettled, match=status.value):
        await cancel(rig.parts(), project="p", run=run.id, reason="enough", by="ada")

    assert await rig.run(run) == before


@pytest.mark.parametrize(
    ("play", "status"),
    [
        pytest.param(Play(Succeeded(result=None)), RunStatus.FAILED, id="nothing"),
        pytest.param(Play(Succeeded(result="")), RunStatus.FAILED, id="an empty text"),
        pytest.param(Play(Succeeded(result=None), emits=1), RunStatus.SUCCEEDED, id="an event"),
        pytest.param(Play(Succeeded(result=None, usage=Usage(output_tokens=1))), RunStatus.SUCCEEDED, id="usage"),
        pytest.param(Play(Succeeded(result=0)), RunStatus.SUCCEEDED, id="a zero"),
    ],
)
async def test_a_success_without_any_sign_of_work_is_a_failure(rig: Rig, play: Play, status: RunStatus) -> None:
    rig.executor.plays = lambda _: play
    run = await one_due_run(rig, retry={"max_retries": 0})

    await rig.recover()

    stored = await rig.run(run)
    assert stored.status is status
    assert (stored.error.type if stored.error else None) == ("no_progress" if status is RunStatus.FAILED else None)


async def events_of(rig: Rig, run: Run) -> list[tuple[int, object]]:
    events = await rig.store.events(run.project, run.id, since=0, limit=10_000)
    return [(event.seq, event.data) for event in events]


async def test_events_are_numbered_by_attempt_and_kept(rig: Rig) -> None:
    rig.executor.plays = lambda context: Play(FAILED if context.attempt == 1 else DONE, emits=450)
    run = await one_due_run(rig, retry={"delay": "5s"})

    await rig.recover()

    expected = [(attempt * 1_000_000 + 1 + number, number) for attempt in (1, 2) for number in range(450)]
    assert await events_of(rig, run) == expected


@pytest.mark.parametrize("kind", [Kind.LOST_ACKNOWLEDGEMENT, Kind.REPEATED, Kind.REFUSED])
async def test_a_chunk_of_events_whose_write_was_not_acknowledged_loses_no_event(rig: Rig, kind: Kind) -> None:
    run = await one_due_run(rig)
    rig.executor.plays = lambda _: Play(works=10 * SECOND, emits=3)
    process = rig.process(Fault(2, kind))
    [runner] = await rig.deliver(rig.parts(process))
    assert rig.executor.at_work
    context = rig.executor.contexts[-1]
    await rig.advance(SECOND)
    assert process.effects[1:] == ["commit create Chunk"]

    # More comes before the chunk is written again.
    context.emit("progress", 3)
    await rig.advance(10 * SECOND)

    assert (await runner) is Receipt.SETTLED
    assert await events_of(rig, run) == [(1_000_001 + number, number) for number in range(4)]


async def test_work_that_ends_while_its_events_are_being_written_settles(rig: Rig) -> None:
    run = await one_due_run(rig)
    rig.executor.plays = lambda _: Play(until_released=True, emits=3)

    async def meanwhile(text: str) -> None:
        if text == "commit create Chunk":
            rig.executor.release(run.id)

    process = rig.process(meanwhile=meanwhile)
    [runner] = await rig.deliver(rig.parts(process))
    await rig.advance(SECOND)
    await rig.quiet()

    assert process.effects[1] == "commit create Chunk"
    assert (await runner) is Receipt.SETTLED
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert await events_of(rig, run) == [(1_000_001 + number, number) for number in range(3)]


async def test_work_that_ends_right_after_an_unacknowledged_chunk_settles(rig: Rig) -> None:
    run = await one_due_run(rig)
    rig.executor.plays = lambda _: Play(until_released=True, emits=3)
    [runner] = await rig.deliver(rig.parts(rig.process(Fault(2, Kind.LOST_ACKNOWLEDGEMENT))))
    await rig.advance(SECOND)

    rig.executor.release(run.id)
    await rig.quiet()

    assert (await runner) is Receipt.SETTLED
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert await events_of(rig, run) == [(1_000_001 + number, number) for number in range(3)]
    await nothing_is_stuck(rig, project="p")


async def test_a_settlement_is_written_again_while_the_store_does_not_answer(rig: Rig) -> None:
    run = await one_due_run(rig)
    process = rig.process(Fault(2, Kind.REFUSED))
    [runner] = await rig.deliver(rig.parts(process))
    assert (await rig.run(run)).status is RunStatus.RUNNING

    await rig.advance(2 * SECOND)

    assert (await runner) is Receipt.SETTLED
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert len(rig.executor.started) == 1
