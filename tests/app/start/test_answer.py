"""Waiting runs: they cost nothing until somebody answers, or their deadline comes."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from app.faults import Crash, Fault, Kind
from app.rig import Rig
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.execution.cancel import cancel
from tock.app.start.answer import answer
from tock.app.tick.sweep import sweep
from tock.core.errors import RunNotWaiting, RunSettled, StoreUnavailable
from tock.core.policies import Retry
from tock.core.run.outcome import Continue, Failed, OnDeadline, Succeeded, Usage, WaitFor, Waiting
from tock.core.run.run import Run
from tock.core.run.status import AttemptStatus, RunStatus
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


def first_waits(outcome: Waiting) -> Any:
    """Return the behaviour of an agent whose first leg waits, and whose second leg returns what it was answered."""

    def behaviour(context: RunContext) -> Behaviour:
        if context.attempt == 1:
            return Behaviour(outcome=outcome)
        given = context.answer
        assert given is not None
        return Behaviour(outcome=Succeeded(result=[given.approved, given.note, given.by, given.value]))

    return behaviour


async def a_waiting_run(rig: Rig, outcome: Waiting) -> Run:
    rig.executor.behaviour = first_waits(outcome)
    run = await one_due_run(rig)
    await rig.deliver()
    return await rig.run(run)


async def answered(rig: Rig, run: Run, *, fault: Fault | None = None, **given: Any) -> Run:
    services = rig.services(rig.process(fault))
    return await answer(services, project="p", run=run.id, **{"wait_for": WaitFor.APPROVAL, "by": "ada"} | given)


async def test_a_waiting_run_holds_no_lease_and_its_next_leg_finds_the_answer(rig: Rig) -> None:
    run = await a_waiting_run(rig, Waiting(WaitFor.APPROVAL, question="Publish?", usage=Usage(input_tokens=5)))
    assert (run.status, run.lease, run.failures, run.lost) == (RunStatus.WAITING, None, 0, 0)
    assert run.attempts[0].status is AttemptStatus.WAITING
    assert run.usage.input_tokens == 5

    await answered(rig, run, approved=True, note="Fine.")
    await rig.deliver()

    stored = await rig.run(run)
    assert (stored.status, stored.result) == (RunStatus.SUCCEEDED, [True, "Fine.", "ada", None])
    assert [each.status for each in stored.attempts] == [AttemptStatus.WAITING, AttemptStatus.SUCCEEDED]


@pytest.mark.parametrize("kind", [Kind.REPEATED, Kind.LOST_ACKNOWLEDGEMENT, Kind.CRASH_AFTER])
async def test_an_answer_whose_commit_is_repeated_starts_one_leg(rig: Rig, kind: Kind) -> None:
    run = await a_waiting_run(rig, Waiting(WaitFor.APPROVAL))

    with suppress(StoreUnavailable, Crash):
        await answered(rig, run, approved=True, fault=Fault(1, kind))
    after = await answered(rig, run, approved=True)
    await rig.advance(MINUTE)
    await sweep(rig.services(), deadline=rig.clock.now() + MINUTE)
    await rig.deliver()

    assert after.attempt == 2
    assert [each.number for each in (await rig.run(run)).attempts] == [1, 2]


async def test_who_answers_second_and_differently_is_told(rig: Rig) -> None:
    run = await a_waiting_run(rig, Waiting(WaitFor.APPROVAL))
    first = await answered(rig, run, approved=True)

    again = await answered(rig, run, approved=True)
    with pytest.raises(RunNotWaiting, match="is queued, and does not wait for approval"):
        await answered(rig, run, approved=False, by="bob")

    assert again == first


async def test_an_answer_of_another_kind_changes_nothing(rig: Rig) -> None:
    run = await a_waiting_run(rig, Waiting(WaitFor.INPUT))

    told = "waits for input, and does not wait for approval: nothing was answered. Answer it instead."
    with pytest.raises(RunNotWaiting, match=told):
        await answered(rig, run, approved=True)

    assert await rig.run(run) == run


async def test_a_callback_that_comes_before_the_leg_has_ended_is_not_lost(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: (
        Behaviour(outcome=Waiting(WaitFor.CALLBACK), until_released=True)
        if context.attempt == 1
        else Behaviour(outcome=Succeeded(result=context.answer and context.answer.value))
    )
    run = await one_due_run(rig)
    await rig.deliver()

    await answered(rig, run, wait_for=WaitFor.CALLBACK, by=f"run:{run.id}", value={"pages": 3})
    rig.executor.release(run.id, attempt=1)
    await rig.advance(MINUTE)
    await rig.deliver()

    stored = await rig.run(run)
    assert (stored.status, stored.result) == (RunStatus.SUCCEEDED, {"pages": 3})


@pytest.mark.parametrize("asked", [WaitFor.APPROVAL, WaitFor.INPUT])
async def test_a_callback_that_comes_before_answers_nothing_that_a_person_is_asked(rig: Rig, asked: WaitFor) -> None:
    rig.executor.behaviour = lambda _: Behaviour(outcome=Waiting(asked, question="Go?"), until_released=True)
    run = await one_due_run(rig)
    await rig.deliver()

    await answered(rig, run, wait_for=WaitFor.CALLBACK, by=f"run:{run.id}", value=True)
    rig.executor.release(run.id, attempt=1)
    await rig.advance(MINUTE)

    stored = await rig.run(run)
    wait = stored.attempts[-1].wait
    assert wait is not None
    assert (stored.status, stored.answer) == (RunStatus.WAITING, None)
    assert (wait.wait_for, wait.question, wait.answer) == (asked, "Go?", None)


async def test_an_approval_meets_no_question_that_was_asked_later(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        outcome=Waiting(WaitFor.APPROVAL, question=f"{context.attempt}?")
    )
    run = await one_due_run(rig)
    await rig.deliver()
    await answered(rig, run, approved=True, attempt=1)
    await rig.deliver()

    again = await answered(rig, run, approved=True, attempt=1)
    told = (
        "waits for approval, and does not wait for the approval of attempt 1: nothing was answered. Read what it asks"
    )
    with pytest.raises(RunNotWaiting, match=told):
        await answered(rig, run, approved=False, attempt=1)

    assert again == await rig.run(run)
    assert [each.wait and each.wait.answer is not None for each in again.attempts] == [True, False]
    assert (await answered(rig, run, approved=False, attempt=2)).attempt == 3


async def test_a_callback_answers_one_wait_whichever_attempt_is_at_work(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        outcome=Waiting(WaitFor.CALLBACK), until_released=context.attempt > 1
    )
    run = await one_due_run(rig)
    await rig.deliver()
    called_back = {"wait_for": WaitFor.CALLBACK, "by": f"run:{run.id}", "attempt": 1}
    await answered(rig, run, value=1, **called_back)
    await rig.deliver()

    assert (await answered(rig, run, value=1, **called_back)).status is RunStatus.RUNNING
    with pytest.raises(RunNotWaiting, match="does not wait for the callback of attempt 1"):
        await answered(rig, run, value=2, **called_back)
    assert (await rig.run(run)).answer == 1

    await answered(rig, run, value=3, **called_back | {"attempt": 2})
    with pytest.raises(RunNotWaiting, match="does not wait for the callback of attempt 1"):
        await answered(rig, run, value=1, **called_back)


async def test_a_callback_for_an_attempt_that_was_lost_answers_the_next_one(rig: Rig) -> None:
    outcomes = [Failed("Lost", "No answer.", retryable=True), Waiting(WaitFor.CALLBACK)]
    rig.executor.behaviour = lambda context: Behaviour(outcome=outcomes[context.attempt - 1])
    run = await one_due_run(rig, retry=Retry(max_retries=1, delay=MINUTE))
    await rig.deliver()
    await rig.advance(2 * MINUTE)
    await rig.deliver()

    after = await answered(rig, run, wait_for=WaitFor.CALLBACK, by=f"run:{run.id}", value=1, attempt=1)

    assert (after.status, after.answer, after.attempt) == (RunStatus.QUEUED, 1, 3)


async def test_an_attempt_knows_whether_one_has_failed_with_the_same_answer(rig: Rig) -> None:
    outcomes = [
        Waiting(WaitFor.CALLBACK),
        Failed("Unsuccessful", "The service failed.", retryable=True),
        Waiting(WaitFor.CALLBACK),
        Succeeded(result="done"),
    ]
    rig.executor.behaviour = lambda context: Behaviour(outcome=outcomes[context.attempt - 1])
    run = await one_due_run(rig, retry=Retry(max_retries=1, delay=MINUTE))
    await rig.deliver()

    for value in (1, 2):
        await answered(rig, run, wait_for=WaitFor.CALLBACK, by=f"run:{run.id}", value=value)
        await rig.deliver()
        await rig.advance(2 * MINUTE)
        await rig.deliver()

    given = [
        context.answer and (context.answer.value, context.answer.failed_since) for context in rig.executor.contexts
    ]
    assert given == [None, (1, False), (1, True), (2, False)]


@pytest.mark.parametrize(
    ("on_deadline", "status", "result"),
    [
        (OnDeadline.FAIL, RunStatus.TIMED_OUT, None),
        (OnDeadline.REJECT, RunStatus.SUCCEEDED, [False, "Nobody answered until the deadline.", "deadline", None]),
        (OnDeadline.CONTINUE, RunStatus.SUCCEEDED, [None, "Nobody answered until the deadline.", "deadline", None]),
    ],
)
async def test_the_sweep_ends_a_wait_at_its_deadline(
    rig: Rig, on_deadline: OnDeadline, status: RunStatus, result: Any
) -> None:
    run = await a_waiting_run(rig, Waiting(WaitFor.APPROVAL, deadline=MINUTE, on_deadline=on_deadline))

    await rig.advance(MINUTE)
    await sweep(rig.services(), deadline=rig.clock.now() + MINUTE)
    await rig.deliver()

    stored = await rig.run(run)
    assert (stored.status, stored.result) == (status, result)


async def test_a_waiting_run_is_cancelled_at_once_and_no_answer_wakes_it(rig: Rig) -> None:
    run = await a_waiting_run(rig, Waiting(WaitFor.APPROVAL))

    await cancel(rig.services(), project="p", run=run.id, reason="enough", by="ada")

    assert (await rig.run(run)).status is RunStatus.CANCELLED
    with pytest.raises(RunSettled, match="answer needs an active run"):
        await answered(rig, run, approved=True)


async def test_a_continued_run_starts_its_next_leg_after_the_wait(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(
        outcome=Continue(after=MINUTE) if context.attempt == 1 else Succeeded(result="done")
    )
    run = await one_due_run(rig)
    await rig.deliver()

    queued = await rig.run(run)
    await rig.advance(MINUTE)
    await rig.deliver()

    assert (queued.status, queued.due_at - queued.attempts[0].ended) == (RunStatus.QUEUED, MINUTE)
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED
