"""Cancellation in every status of a run, and in races with everything else that may happen to it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.faults import Fault, Kind
from app.rig import AGENT, Rig, delivery_of, receipt_of
from app.scripted_executor import DONE, Behaviour, ScriptedExecutor
from app.single_trigger import one_due_run
from tock.app.execution.cancel import Cancellation, cancel
from tock.app.execution.execute import Receipt
from tock.app.run_events import run_events
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.retry import RetryOptions, retry
from tock.app.start.run_now import RunOptions, run_agent
from tock.app.start.send_signal import send_signal
from tock.core.errors import RunSettled
from tock.core.run.messages.signal import SignalKind
from tock.core.run.outcome import Failed, Succeeded
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.timing import Timing
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
FAILED = Failed(type="broke", message="It broke.", retryable=True)


class Keeper(ScriptedExecutor):
    """Runs an agent that begins a conversation, so that its run can be resumed."""

    async def execute(self, config: Mapping[str, Any], context: RunContext) -> Any:
        await context.save_session(["begun"])
        return await super().execute(config, context)


async def test_a_run_at_work_notices_its_cancellation_at_the_next_heartbeat(rig: Rig) -> None:
    rig.timing = Timing(heartbeat=2 * SECOND)
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig)
    await rig.deliver()

    first = await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
    again = await cancel(rig.services(), project="p", run=run.id, reason="enough!", by="bob")
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
    third = await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
    assert third == Cancellation(run=stored, previous_status=RunStatus.CANCELLED)


async def test_a_cancellation_is_noticed_although_the_claim_was_not_acknowledged(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig)
    cancelled: list[Cancellation] = []
    process = rig.process(Fault(1, Kind.REPEATED))
    services = rig.services(process)
    read = services.store.run

    async def look(project: str, identifier: str) -> object:
        if process.effects and not cancelled:
            cancelled.append(await cancel(rig.services(), project=project, run=identifier, reason="enough", by="ada"))
        return await read(project, identifier)

    services.store.run = look  # type: ignore[method-assign, assignment]  # somebody cancels between a claim and its look
    await rig.deliver(services)
    await rig.advance(rig.timing.heartbeat + SECOND)

    assert cancelled[0].previous_status is RunStatus.RUNNING
    assert (await rig.run(run)).status is RunStatus.CANCELLED


async def test_a_cancellation_is_carried_out_for_a_runner_that_died(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig)
    await rig.deliver()
    rig.clock.freeze()
    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")

    await rig.advance(MINUTE)
    await rig.tick()

    stored = await rig.run(run)
    assert (stored.status, stored.reason) == (RunStatus.CANCELLED, "enough")
    assert len(rig.executor.started) == 1


async def test_a_cancellation_is_not_undone_by_a_retry(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(FAILED, until_released=True)
    run = await one_due_run(rig)
    await rig.deliver()
    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")

    rig.executor.release(run.id)
    await rig.quiet()

    stored = await rig.run(run)
    assert (stored.status, stored.reason, stored.failures) == (RunStatus.CANCELLED, "enough", 1)
    await rig.recover()
    assert len(rig.executor.started) == 1


async def test_a_cancellation_between_retries_ends_the_run(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(FAILED)
    run = await one_due_run(rig)
    await rig.deliver()

    cancelled = await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
    await rig.recover()

    assert cancelled.previous_status is RunStatus.QUEUED
    assert (await rig.run(run)).status is RunStatus.CANCELLED
    assert len(rig.executor.started) == 1


async def test_of_a_cancellation_and_a_completion_at_once_one_wins_and_the_other_is_told(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    for number in range(6):
        await rig.create_project(f"p{number}")
        launched = await run_agent(
            rig.services(), project=f"p{number}", agent=AGENT, options=RunOptions(), key=None, by="ada"
        )
        run = launched.run
        runner = asyncio.create_task(rig.execute(delivery_of(run)))
        await rig.quiet()

        rig.executor.release(run.id)
        ended = await rig.attempt(cancel(rig.services(), project=run.project, run=run.id, reason="enough", by="ada"))
        await rig.advance(rig.timing.heartbeat)

        assert receipt_of(runner) is Receipt.SETTLED
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
    rig.executor.behaviour = lambda _: Behaviour(outcome)
    run = await one_due_run(rig)
    requested: list[Cancellation] = []

    async def before_effect(_: str) -> None:
        if rig.executor.started and not requested:
            requested.append(await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada"))

    receipt = await rig.execute(delivery_of(run), services=rig.services(rig.process(before_effect=before_effect)))

    assert receipt is Receipt.SETTLED
    assert len(requested) == 1
    stored = await rig.run(run)
    assert stored.cancel_requested is not None
    assert stored.status is (RunStatus.SUCCEEDED if outcome is DONE else RunStatus.CANCELLED)


@pytest.mark.parametrize("status", [RunStatus.SUCCEEDED, RunStatus.FAILED])
async def test_what_has_ended_cannot_be_cancelled(rig: Rig, status: RunStatus) -> None:
    ends = DONE if status is RunStatus.SUCCEEDED else Failed(type="no", message="No.", retryable=False)
    rig.executor.behaviour = lambda _: Behaviour(ends)
    run = await one_due_run(rig)
    await rig.deliver()
    before = await rig.run(run)

    with pytest.raises(RunSettled, match=status.value):
        await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")

    assert await rig.run(run) == before


async def _by_schedule(rig: Rig) -> Run:
    return await one_due_run(rig)


async def _by_hand(rig: Rig) -> Run:
    await rig.create_project("p")
    launched = await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by="ada")
    return launched.run


async def _settled(rig: Rig) -> Run:
    first = await _by_hand(rig)
    await rig.deliver()
    return first


async def _by_retry(rig: Rig) -> Run:
    first = await _settled(rig)
    options = RetryOptions()
    return (await retry(rig.services(), project="p", run=first.id, options=options, key=None, by="ada")).run


async def _by_resume(rig: Rig) -> Run:
    first = await _settled(rig)
    options = ResumeOptions()
    return (await resume(rig.services(), project="p", run=first.id, options=options, key=None, by="ada")).run


@pytest.mark.parametrize("at_work", [False, True], ids=["queued", "at work"])
@pytest.mark.parametrize("start", [_by_schedule, _by_hand, _by_retry, _by_resume], ids=lambda start: start.__name__)
async def test_a_run_is_cancelled_in_the_same_way_whatever_started_it(
    rig: Rig, start: Callable[[Rig], Awaitable[Run]], *, at_work: bool
) -> None:
    rig.executor = Keeper(rig.clock)
    run = await start(rig)
    before = len(rig.executor.started)
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    if at_work:
        await rig.deliver()

    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")
    await rig.advance(rig.timing.heartbeat)
    await rig.deliver()

    stored = await rig.run(run)
    assert (stored.status, stored.reason, stored.error) == (RunStatus.CANCELLED, "enough", None)
    assert [attempt.stopped for attempt in rig.executor.started[before:]] == [True] * at_work
    assert await rig.locks("p") == []


async def test_nobody_but_the_cancelled_run_is_stopped(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    first = await _by_hand(rig)
    options = RunOptions()
    second = (await run_agent(rig.services(), project="p", agent=AGENT, options=options, key=None, by="ada")).run
    await rig.deliver(rig.services())
    assert {attempt.run for attempt in rig.executor.at_work} == {first.id, second.id}

    await cancel(rig.services(), project="p", run=first.id, reason="enough", by="ada")
    await rig.advance(rig.timing.heartbeat)

    assert (await rig.run(first)).status is RunStatus.CANCELLED
    assert [attempt.run for attempt in rig.executor.at_work] == [second.id]
    rig.executor.release(second.id)
    await rig.quiet()
    assert (await rig.run(second)).status is RunStatus.SUCCEEDED


async def test_the_request_is_an_event_and_so_is_what_came_too_late(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig)
    await rig.deliver()
    await send_signal(
        rig.services(), project="p", run=run.id, kind=SignalKind.STEER, message="left", key=None, by="bob"
    )
    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")

    await rig.advance(rig.timing.heartbeat)

    page = await run_events(rig.services(), await rig.run(run), since=1_000_000, limit=10)
    assert [(event.kind, event.data) for event in page.events] == [
        ("run.cancel_requested", {"by": "ada", "reason": "enough"}),
        ("run.attempt_ended", {"status": "cancelled"}),
        (
            "run.settled",
            {"status": "cancelled", "reason": "enough", "cancelled_by": "ada", "untaken_messages": 1},
        ),
    ]
