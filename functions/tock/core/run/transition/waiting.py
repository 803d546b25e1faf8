"""The transitions of a run whose agent waits for an answer, or asks for another leg."""

from datetime import datetime
from typing import Any

from tock.core.run.messages.wait import Answer, Wait
from tock.core.run.outcome import Continue, OnDeadline, WaitFor, Waiting
from tock.core.run.run import Run, RunError
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.run.transition.move import end, end_attempt, move, next_attempt
from tock.core.time.duration import duration_text
from tock.core.timing import Timing

#: Who answers when nobody has until the deadline.
DEADLINE = "deadline"
#: The error type of a run that nobody answered.
UNANSWERED = "unanswered"


def wait(run: Run, outcome: Waiting, *, now: datetime, timing: Timing) -> Run:
    """Return the running run as waiting; as queued for its next leg if the answer came before its attempt ended.

    What came before was a callback, and answers nothing else: an agent must not approve what it asks a person for.
    """
    early = run.attempts[-1].wait
    ended = end_attempt(run, AttemptStatus.WAITING, now=now)
    if early is not None and early.answer is not None and early.wait_for is outcome.wait_for:
        return next_attempt(ended, due_at=now, timing=timing)
    asked = Wait(
        wait_for=outcome.wait_for,
        question=outcome.question,
        deadline=now + outcome.deadline,
        on_deadline=outcome.on_deadline,
    )
    return move(
        _with_wait(ended, asked),
        RunStatus.WAITING,
        lease=None,
        slots=(),
        check_at=asked.deadline,
        answer=None,
    )


def go_on(run: Run, outcome: Continue, *, now: datetime, timing: Timing) -> Run:
    """Return the running run as queued for its next leg."""
    ended = end_attempt(run, AttemptStatus.CONTINUED, now=now)
    return next_attempt(ended, due_at=now + outcome.after, timing=timing)


def answer(run: Run, given: Answer, value: Any, *, now: datetime, timing: Timing) -> Run:
    """Return the waiting run as queued for its next leg, with the answer noted at the leg that asked.

    A callback may come while the attempt that waits for it is still running; then it stays running, and its outcome
    `Waiting` queues the next leg at once. Raises IllegalTransition for a run of another status.
    """
    if run.status is RunStatus.RUNNING:
        early = Wait(wait_for=WaitFor.CALLBACK, deadline=now, answer=given)
        return move(_with_wait(run, early), RunStatus.RUNNING, answer=value)
    asked = run.attempts[-1].wait if run.attempts else None
    answered = run if asked is None else _with_wait(run, asked.model_copy(update={"answer": given}))
    queued = next_attempt(answered, due_at=now, timing=timing)
    return queued.model_copy(update={"answer": value})


def end_wait(run: Run, *, now: datetime, timing: Timing) -> Run:
    """Return a waiting run whose deadline has passed: timed out, or queued for its next leg with an answer about it."""
    asked = run.attempts[-1].wait
    if asked is None or asked.on_deadline is OnDeadline.FAIL:
        since = run.attempts[-1].ended or now
        message = f"Nobody answered within {duration_text(now - since)}."
        error = RunError(type=UNANSWERED, message=message, retryable=False)
        return end(run, RunStatus.TIMED_OUT, now=now, timing=timing, error=error)
    approved = False if asked.on_deadline is OnDeadline.REJECT else None
    given = Answer(approved=approved, note="Nobody answered until the deadline.", by=DEADLINE, at=now)
    return answer(run, given, None, now=now, timing=timing)


def _with_wait(run: Run, asked: Wait) -> Run:
    last = run.attempts[-1].model_copy(update={"wait": asked})
    return run.model_copy(update={"attempts": (*run.attempts[:-1], last)})
