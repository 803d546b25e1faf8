"""The transitions that end an attempt: by its outcome, or because its runner disappeared."""

from datetime import datetime, timedelta

from tock.core.run.backoff import LONGEST_WAIT, backoff, loss_wait
from tock.core.run.outcome import (
    Cancelled,
    Continue,
    Failed,
    HandedBack,
    Outcome,
    Succeeded,
    TimedOut,
    Usage,
    Waiting,
    Workspace,
)
from tock.core.run.run import Run, RunError
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.run.transition.move import end, end_attempt, leave, next_attempt, require, spend
from tock.core.run.transition.waiting import go_on, wait
from tock.core.time.instant import instant_text
from tock.core.timing import Timing

#: The error type of an attempt that was handed back.
HANDED_BACK = "handed_back"
#: The error type of a cancelled attempt of which something could not be stopped.
WORK_ABANDONED = "work_abandoned"
#: The most attempts and legs of one run: each takes a few hundred bytes of its document.
MAX_ATTEMPTS = 200
_NOTHING = Usage()


def settle(
    run: Run,
    outcome: Outcome,
    *,
    now: datetime,
    jitter: float,
    timing: Timing,
    consumed: Usage = _NOTHING,
    left: Workspace | None = None,
) -> Run:
    """Return the run with its attempt's outcome applied: terminal, waiting, or queued for the next attempt.

    `consumed` is what the attempt consumed in all, that which its outcome states included; `left` is what it left in
    its workspace, if it has one.

    A retryable failure within the retry policy leads to the next attempt, unless somebody asked meanwhile to cancel
    the run, or the service that failed asked for a wait of more than an hour. After an attempt that was handed back,
    the next one is due as soon as its process is gone; a handed-back attempt counts as no failure and, up to a limit,
    not as a lost attempt either.
    """
    require(run, RunStatus.RUNNING, target="settled")
    run = spend(leave(run, left), consumed)
    match outcome:
        case Succeeded():
            ended = end_attempt(run, AttemptStatus.SUCCEEDED, now=now)
            return end(ended, RunStatus.SUCCEEDED, now=now, timing=timing, result=outcome.result, error=None)
        case Waiting() | Continue():
            return _next_leg(run, outcome, now=now, timing=timing)
        case Cancelled():
            abandoned = RunError(type=WORK_ABANDONED, message=outcome.note, retryable=False) if outcome.note else None
            ended = end_attempt(run, AttemptStatus.CANCELLED, now=now, error=abandoned)
            return end(ended, RunStatus.CANCELLED, now=now, timing=timing, reason=outcome.reason)
        case Failed():
            message = outcome.message + _return_time(outcome.retry_after, now=now)
            error = RunError(type=outcome.type, message=message, retryable=outcome.retryable)
            ended = end_attempt(run, AttemptStatus.FAILED, now=now, error=error)
            return _after_failure(
                ended,
                RunStatus.FAILED,
                error,
                now=now,
                jitter=jitter,
                timing=timing,
                retry_after=outcome.retry_after,
            )
        case TimedOut():
            error = RunError(
                type="timed_out",
                message=_sentences(f"The attempt was aborted at its timeout of {outcome.timeout}.", outcome.note),
                retryable=True,
            )
            ended = end_attempt(run, AttemptStatus.TIMED_OUT, now=now, error=error)
            return _after_failure(ended, RunStatus.TIMED_OUT, error, now=now, jitter=jitter, timing=timing)
        case HandedBack():
            return _hand_back(run, note=outcome.note, now=now, timing=timing)


def rescue(run: Run, *, now: datetime, jitter: float, timing: Timing) -> Run:
    """Return a running run whose lease expired: queued for the next attempt, or terminal.

    1. If somebody asked to cancel the run, it is cancelled.
    2. Past the attempt's timeout plus the backstop, the attempt timed out, even if its runner still works.
    3. Otherwise its runner disappeared and the attempt is lost. The retry policy does not count it, but too many lost
       attempts fail the run. The next attempt is due some seconds later, spread by `jitter`: a process may have lost
       many runs at once.
    """
    require(run, RunStatus.RUNNING, target="rescued")
    if run.cancel_requested is not None:
        ended = end_attempt(run, AttemptStatus.LOST, now=now).model_copy(update={"lost": run.lost + 1})
        return end(ended, RunStatus.CANCELLED, now=now, timing=timing, reason=run.cancel_requested.reason)
    if now >= run.attempts[-1].started + run.timeout + timing.backstop:
        return settle(run, TimedOut(timeout=run.timeout), now=now, jitter=jitter, timing=timing)
    error = RunError(
        type="lost", message="The runner disappeared: its lease expired without a heartbeat.", retryable=True
    )
    due_at = now + loss_wait(lost=run.lost + 1, jitter=jitter)
    return _after_loss(run, error, now=now, due_at=due_at, timing=timing)


def _next_leg(run: Run, outcome: Waiting | Continue, *, now: datetime, timing: Timing) -> Run:
    if run.cancel_requested is not None:
        ended = end_attempt(run, AttemptStatus.CANCELLED, now=now)
        return end(ended, RunStatus.CANCELLED, now=now, timing=timing, reason=run.cancel_requested.reason)
    if run.attempt >= MAX_ATTEMPTS:
        message = f"A run has at most {MAX_ATTEMPTS} attempts and legs: let the agent start a new run instead."
        error = RunError(type="too_many_legs", message=message, retryable=False)
        ended = end_attempt(run, AttemptStatus.FAILED, now=now, error=error)
        return end(ended, RunStatus.FAILED, now=now, timing=timing, error=error)
    if isinstance(outcome, Continue):
        return go_on(run, outcome, now=now, timing=timing)
    return wait(run, outcome, now=now, timing=timing)


def _hand_back(run: Run, *, note: str, now: datetime, timing: Timing) -> Run:
    message = _sentences("The process of this attempt was told to end; the run was handed back.", note)
    error = RunError(type=HANDED_BACK, message=message, retryable=True)
    # An agent that cannot be stopped works on until its process is gone, so the next attempt starts only then.
    due_at = now + timing.shutdown_notice
    before = sum(attempt.error is not None and attempt.error.type == HANDED_BACK for attempt in run.attempts)
    if before >= timing.max_handed_back and run.cancel_requested is None:
        return _after_loss(run, error, now=now, due_at=due_at, timing=timing)
    ended = end_attempt(run, AttemptStatus.LOST, now=now, error=error)
    if run.cancel_requested is not None:
        return end(ended, RunStatus.CANCELLED, now=now, timing=timing, reason=run.cancel_requested.reason)
    return next_attempt(ended, due_at=due_at, timing=timing)


def _after_loss(run: Run, error: RunError, *, now: datetime, due_at: datetime, timing: Timing) -> Run:
    ended = end_attempt(run, AttemptStatus.LOST, now=now, error=error).model_copy(
        update={"lost": run.lost + 1, "error": error}
    )
    if ended.lost > timing.max_lost:
        return end(ended, RunStatus.FAILED, now=now, timing=timing)
    return next_attempt(ended, due_at=due_at, timing=timing)


def _after_failure(
    run: Run,
    final: RunStatus,
    error: RunError,
    *,
    now: datetime,
    jitter: float,
    timing: Timing,
    retry_after: timedelta | None = None,
) -> Run:
    failed = run.model_copy(update={"failures": run.failures + 1, "error": error})
    if run.cancel_requested is not None:
        return end(failed, RunStatus.CANCELLED, now=now, timing=timing, reason=run.cancel_requested.reason)
    too_far = retry_after is not None and retry_after > LONGEST_WAIT
    if not error.retryable or failed.failures > run.retry.max_retries or too_far:
        return end(failed, final, now=now, timing=timing)
    wait = backoff(run.retry, failures=failed.failures, jitter=jitter, retry_after=retry_after)
    return next_attempt(failed, due_at=now + wait, timing=timing)


def _sentences(*given: str) -> str:
    return " ".join(filter(None, given))


def _return_time(wait: timedelta | None, *, now: datetime) -> str:
    """Return a sentence that says when to come back, if that is too far away for another attempt of the same run."""
    if wait is None or wait <= LONGEST_WAIT:
        return ""
    return f" It asked to be called again at {instant_text(now + wait)}, in more than an hour: retry the run then."
