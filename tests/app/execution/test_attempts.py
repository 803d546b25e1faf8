"""Attempts: retries and their delays, timeouts, outcomes."""

from dataclasses import asdict, replace
from datetime import timedelta

import anyio
import pytest

from app.faults import Fault, Kind
from app.rig import Rig, delivery_of, receipt_of
from app.scripted_executor import DONE, Behaviour
from app.single_trigger import one_due_run
from tock.app.execution.cancel import cancel
from tock.app.execution.execute import Receipt
from tock.core.run.outcome import Continue, Failed, Outcome, Succeeded, Usage, WaitFor, Waiting, Workspace
from tock.core.run.run import RunWorkspace
from tock.core.run.status import AttemptStatus, RunStatus

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
FAILED = Failed(type="broke", message="It broke.", retryable=True)


async def test_a_failed_attempt_is_repeated_with_growing_waits_until_it_succeeds(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(DONE if context.attempt == 4 else FAILED)
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
    rig.executor.behaviour = lambda _: Behaviour(FAILED)
    run = await one_due_run(rig, retry={"max_retries": retries, "delay": "5s"})

    await rig.recover()

    stored = await rig.run(run)
    assert (stored.status, len(rig.executor.started)) == (RunStatus.FAILED, retries + 1)
    assert stored.error is not None
    assert (stored.error.type, stored.error.message) == ("broke", "It broke.")


async def test_what_cannot_succeed_is_not_tried_again(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Failed(type="denied", message="No.", retryable=False))
    run = await one_due_run(rig)

    await rig.recover()

    stored = await rig.run(run)
    assert (stored.status, len(rig.executor.started)) == (RunStatus.FAILED, 1)


async def test_a_wait_that_the_other_side_asked_for_is_kept(rig: Rig) -> None:
    busy = Failed(type="busy", message="Later.", retryable=True, retry_after=100 * SECOND)
    rig.executor.behaviour = lambda context: Behaviour(busy if context.attempt == 1 else DONE)
    run = await one_due_run(rig, retry={"delay": "5s"})

    await rig.execute(delivery_of(run))

    between = await rig.run(run)
    assert between.attempts[0].ended is not None
    assert between.due_at - between.attempts[0].ended >= 100 * SECOND


async def test_a_defect_of_the_executor_is_a_failed_attempt(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(ZeroDivisionError("by zero") if context.attempt == 1 else DONE)
    run = await one_due_run(rig)

    await rig.recover()

    stored = await rig.run(run)
    assert (stored.status, stored.attempt) == (RunStatus.SUCCEEDED, 2)
    assert stored.attempts[0].error is not None
    assert stored.attempts[0].error.type == "ZeroDivisionError"


@pytest.mark.parametrize("retries", [0, 1])
async def test_an_attempt_over_its_time_is_really_stopped(rig: Rig, retries: int) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
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
    rig.executor.behaviour = lambda _: Behaviour(until_released=True, stops_after=10 * MINUTE)
    run = await one_due_run(rig, timeout="60s", retry={"max_retries": 0})
    [runner] = await rig.deliver()

    await rig.advance(MINUTE + rig.timing.backstop + SECOND)
    await rig.tick()

    stored = await rig.run(run)
    assert (stored.status, stored.attempts[0].status) == (RunStatus.TIMED_OUT, AttemptStatus.TIMED_OUT)
    await rig.advance(10 * MINUTE)
    await runner
    assert await rig.run(run) == stored


async def test_no_heartbeat_carries_an_attempt_beyond_its_backstop(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig, timeout="60s")
    await rig.deliver()
    start = rig.clock.present

    for _ in range(6):
        await rig.advance(9 * SECOND)
        lease = (await rig.run(run)).lease
        assert lease is not None
        assert lease.expires_at <= start + MINUTE + rig.timing.backstop


UNCHANGED = Workspace(repository="shop", branch="tock/run-1", commit="c" * 40)
CHANGED = replace(UNCHANGED, files=("till.py",), changed=1, ref="refs/tock/runs/run-1")


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Succeeded("done"), RunStatus.SUCCEEDED),
        (Failed("F", "f", retryable=False), RunStatus.FAILED),
        (Waiting(WaitFor.APPROVAL), RunStatus.WAITING),
        (Continue(after=10 * MINUTE), RunStatus.QUEUED),
    ],
)
async def test_what_an_attempt_left_in_its_workspace_is_told(rig: Rig, outcome: Outcome, status: RunStatus) -> None:
    rig.executor.behaviour = lambda _: Behaviour(outcome, leaves=CHANGED)
    run = await one_due_run(rig, retry={"max_retries": 0})

    await rig.deliver()

    stored = await rig.run(run)
    assert (stored.status, stored.workspace) == (status, RunWorkspace(**asdict(CHANGED)))


async def test_what_an_attempt_left_that_was_stopped_is_told(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        works=HOUR, leaves=CHANGED if context.attempt == 1 else replace(CHANGED, branch="other")
    )
    run = await one_due_run(rig, timeout="20s", retry={"max_retries": 1, "delay": "1s"})
    await rig.deliver()
    await rig.advance(21 * SECOND)
    timed_out = await rig.run(run)
    await rig.advance(SECOND)
    await rig.deliver()

    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
    await rig.advance(rig.timing.heartbeat)

    cancelled = await rig.run(run)
    assert (timed_out.attempts[0].status, timed_out.workspace) == (
        AttemptStatus.TIMED_OUT,
        RunWorkspace(**asdict(CHANGED)),
    )
    assert cancelled.status is RunStatus.CANCELLED
    assert cancelled.workspace is not None
    assert cancelled.workspace.branch == "other"


@pytest.mark.parametrize(
    ("play", "status"),
    [
        pytest.param(Behaviour(Succeeded(result=None)), RunStatus.FAILED, id="nothing"),
        pytest.param(Behaviour(Succeeded(result="")), RunStatus.FAILED, id="an empty text"),
        pytest.param(Behaviour(Succeeded(result=None), emits=1), RunStatus.SUCCEEDED, id="an event"),
        pytest.param(Behaviour(Succeeded(result=None, usage=Usage(output_tokens=1))), RunStatus.SUCCEEDED, id="usage"),
        pytest.param(Behaviour(Succeeded(result=0)), RunStatus.SUCCEEDED, id="a zero"),
        pytest.param(Behaviour(Succeeded(result=None), leaves=CHANGED), RunStatus.SUCCEEDED, id="changed files"),
        pytest.param(Behaviour(Succeeded(result=None), leaves=UNCHANGED), RunStatus.FAILED, id="no changed files"),
    ],
)
async def test_a_success_without_any_sign_of_work_is_a_failure(rig: Rig, play: Behaviour, status: RunStatus) -> None:
    rig.executor.behaviour = lambda _: play
    run = await one_due_run(rig, retry={"max_retries": 0})

    await rig.recover()

    stored = await rig.run(run)
    assert stored.status is status
    assert (stored.error.type if stored.error else None) == ("no_progress" if status is RunStatus.FAILED else None)


async def test_a_settlement_is_written_again_while_the_store_does_not_answer(rig: Rig) -> None:
    run = await one_due_run(rig)
    process = rig.process(Fault(2, Kind.REFUSED))
    [runner] = await rig.deliver(rig.services(process))
    assert (await rig.run(run)).status is RunStatus.RUNNING

    await rig.advance(2 * SECOND)

    assert receipt_of(runner) is Receipt.SETTLED
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
    assert len(rig.executor.started) == 1


@pytest.mark.parametrize("kind", [Kind.REPEATED, Kind.LOST_ACKNOWLEDGEMENT])
async def test_a_settlement_that_was_written_unacknowledged_sends_the_next_attempt_on_its_way(
    rig: Rig, kind: Kind
) -> None:
    rig.executor.behaviour = lambda _: Behaviour(FAILED)
    run = await one_due_run(rig)

    [runner] = await rig.deliver(rig.services(rig.process(Fault(2, kind))))
    await rig.advance(2 * SECOND)

    assert receipt_of(runner) is Receipt.SETTLED
    between = await rig.run(run)
    assert (between.status, between.attempt, between.failures) == (RunStatus.QUEUED, 2, 1)
    assert [task.schedule_time for task in await rig.waiting()] == [between.due_at]


async def test_a_result_that_no_document_can_hold_fails_the_run_once(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded(result="x" * 1_200_000), emits=2)
    run = await one_due_run(rig)

    await rig.recover()

    stored = await rig.run(run)
    assert stored.error is not None
    assert (stored.status, stored.error.type, stored.result) == (RunStatus.FAILED, "result_too_large", None)
    assert len(rig.executor.started) == 1


async def test_an_agent_is_stopped_before_its_lease_ends_although_the_store_is_silent(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig)
    process = rig.process()
    silent = anyio.Event()

    async def before_effect(_: str) -> None:
        if process.effects:
            await silent.wait()

    process.before_effect = before_effect
    [runner] = await rig.deliver(rig.services(process))
    lease = (await rig.run(run)).lease
    assert lease is not None
    await rig.advance(lease.expires_at - rig.clock.present - SECOND)

    assert [start.stopped for start in rig.executor.started] == [True]
    assert receipt_of(runner) is Receipt.LOST
    await rig.recover()
    rescued = await rig.run(run)
    assert rescued.lost == 1
    assert len(rescued.attempts) > 1
