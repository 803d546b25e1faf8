"""The transitions of a run from status to status; each returns a new run with its next `check_at`.

All of them raise IllegalTransition if the run's status does not allow the transition.
"""

from datetime import datetime, timedelta
from typing import Any

from tock.core.errors import IllegalTransition
from tock.core.run.activity import activity_of
from tock.core.run.backoff import LONGEST_WAIT, backoff, loss_wait
from tock.core.run.lateness import is_late
from tock.core.run.outcome import Cancelled, Failed, HandedBack, Outcome, Succeeded, TimedOut
from tock.core.run.run import Attempt, CancelRequest, Lease, MissedRange, Run, RunError, RunUsage
from tock.core.run.status import LEGAL_MOVES, AttemptStatus, RunStatus
from tock.core.time import instant_text
from tock.core.timing import Timing

#: The longest time between two deliveries that the sweep sends for one queued run.
LONGEST_GRACE = timedelta(minutes=15)
#: The error type of an attempt that was handed back.
HANDED_BACK = "handed_back"
#: The error type of a cancelled attempt of which something could not be stopped.
WORK_ABANDONED = "work_abandoned"


def start(run: Run, *, now: datetime, owner: str, agent_revision: int, timing: Timing) -> Run:
    """Return the queued run as running, with an attempt under the lease of the runner `owner`."""
    _require(run, RunStatus.QUEUED, target=RunStatus.RUNNING)
    attempt = Attempt(
        number=run.attempt,
        status=AttemptStatus.RUNNING,
        owner=owner,
        started=now,
        agent_revision=agent_revision,
    )
    leased = _move(
        run,
        RunStatus.RUNNING,
        attempts=(*run.attempts, attempt),
        started=run.started or now,
        late=is_late(run, now=now),
        blocked_by=None,
    )
    return heartbeat(leased, now=now, owner=owner, timing=timing)


def heartbeat(run: Run, *, now: datetime, owner: str, timing: Timing) -> Run:
    """Return the running run with its lease extended, but not past the attempt's timeout plus the backstop."""
    _require(run, RunStatus.RUNNING, target=RunStatus.RUNNING)
    backstop = run.attempts[-1].started + run.timeout + timing.backstop
    expires_at = min(now + timing.lease, backstop)
    return _move(
        run,
        RunStatus.RUNNING,
        lease=Lease(owner=owner, expires_at=expires_at),
        check_at=expires_at,
    )


def settle(run: Run, outcome: Outcome, *, now: datetime, jitter: float, timing: Timing) -> Run:
    """Return the run with its attempt's outcome applied: terminal, or queued for the next attempt.

    A retryable failure within the retry policy leads to the next attempt, unless somebody asked meanwhile to cancel
    the run, or the service that failed asked for a wait of more than an hour. After an attempt that was handed back,
    the next one is due as soon as its process is gone; a handed-back attempt counts as no failure and, up to a limit,
    not as a lost attempt either.
    """
    _require(run, RunStatus.RUNNING, target="settled")
    match outcome:
        case Succeeded():
            ended = _end_attempt(run, AttemptStatus.SUCCEEDED, now=now)
            usage = RunUsage(
                input_tokens=run.usage.input_tokens + outcome.usage.input_tokens,
                output_tokens=run.usage.output_tokens + outcome.usage.output_tokens,
                cost=run.usage.cost + outcome.usage.cost,
            )
            return _end(
                ended,
                RunStatus.SUCCEEDED,
                now=now,
                timing=timing,
                result=outcome.result,
                usage=usage,
                error=None,
            )
        case Cancelled():
            left = RunError(type=WORK_ABANDONED, message=outcome.note, retryable=False) if outcome.note else None
            ended = _end_attempt(run, AttemptStatus.CANCELLED, now=now, error=left)
            return _end(ended, RunStatus.CANCELLED, now=now, timing=timing, reason=outcome.reason)
        case Failed():
            message = outcome.message + _return_time(outcome.retry_after, now=now)
            error = RunError(type=outcome.type, message=message, retryable=outcome.retryable)
            ended = _end_attempt(run, AttemptStatus.FAILED, now=now, error=error)
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
            ended = _end_attempt(run, AttemptStatus.TIMED_OUT, now=now, error=error)
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
    _require(run, RunStatus.RUNNING, target="rescued")
    if run.cancel_requested is not None:
        ended = _end_attempt(run, AttemptStatus.LOST, now=now).model_copy(update={"lost": run.lost + 1})
        return _end(ended, RunStatus.CANCELLED, now=now, timing=timing, reason=run.cancel_requested.reason)
    if now >= run.attempts[-1].started + run.timeout + timing.backstop:
        return settle(run, TimedOut(timeout=run.timeout), now=now, jitter=jitter, timing=timing)
    error = RunError(
        type="lost", message="The runner disappeared: its lease expired without a heartbeat.", retryable=True
    )
    due_at = now + loss_wait(lost=run.lost + 1, jitter=jitter)
    return _after_loss(run, error, now=now, due_at=due_at, timing=timing)


def redispatch(run: Run, *, now: datetime, timing: Timing) -> Run:
    """Return a queued run with a new delivery; each one doubles the wait until the sweep looks at the run again."""
    _require(run, RunStatus.QUEUED, target=RunStatus.QUEUED)
    grace = min(timing.grace * (2 ** min(run.dispatch, 10)), LONGEST_GRACE)
    return _move(run, RunStatus.QUEUED, dispatch=run.dispatch + 1, check_at=now + grace)


def hold(run: Run, *, blocked_by: str, now: datetime, timing: Timing) -> Run:
    """Return the run as held behind an earlier one; a run that is late stays so, however long it is held."""
    check_at = _next_look(run, now=now, timing=timing)
    return _move(run, RunStatus.HELD, blocked_by=blocked_by, late=is_late(run, now=now), check_at=check_at)


def keep_held(run: Run, *, now: datetime, timing: Timing) -> Run:
    """Return a held run as it is, with the time at which the sweep looks at it again."""
    _require(run, RunStatus.HELD, target=RunStatus.HELD)
    return _move(run, RunStatus.HELD, check_at=_next_look(run, now=now, timing=timing))


def promote(run: Run, *, now: datetime, timing: Timing) -> Run:
    """Return a held run as queued, due now."""
    _require(run, RunStatus.HELD, target=RunStatus.QUEUED)
    return _move(
        run,
        RunStatus.QUEUED,
        due_at=now,
        dispatch=run.dispatch + 1,
        check_at=now + timing.grace,
    )


def skip(run: Run, *, blocked_by: Run, now: datetime, timing: Timing) -> Run:
    """Return the run as skipped, with the earlier run and what that one was doing as the reason."""
    reason = f"run {blocked_by.id} {activity_of(blocked_by)}; overlap is {run.overlap}"
    return _end(run, RunStatus.SKIPPED, now=now, timing=timing, reason=reason, blocked_by=blocked_by.id)


def miss(run: Run, *, reason: str, now: datetime, timing: Timing) -> Run:
    """Return the run, which never started, as missed: its policies no longer let it start."""
    missed = MissedRange(first=run.scheduled_for, last=run.scheduled_for, count=1)
    return _end(run, RunStatus.MISSED, now=now, timing=timing, reason=reason, missed=missed)


def give_up(run: Run, *, reason: str, now: datetime, timing: Timing) -> Run:
    """Return a run that waits for its retry as ended the way its last attempt ended."""
    _require(run, RunStatus.QUEUED, target="given up")
    final = RunStatus.TIMED_OUT if run.attempts[-1].status is AttemptStatus.TIMED_OUT else RunStatus.FAILED
    return _end(run, final, now=now, timing=timing, reason=reason)


def refuse(run: Run, error: RunError, *, now: datetime, timing: Timing) -> Run:
    """Return a queued run as failed without an attempt: its agent is missing, disabled or has no executor."""
    _require(run, RunStatus.QUEUED, target=RunStatus.FAILED)
    return _end(run, RunStatus.FAILED, now=now, timing=timing, error=error)


def cancel(run: Run, *, by: str, reason: str, now: datetime, timing: Timing) -> Run:
    """Return the run as cancelled; a running one keeps running, with the request noted for its runner."""
    request = run.cancel_requested or CancelRequest(reason=reason, at=now, by=by)
    if run.status is RunStatus.RUNNING:
        return _move(run, RunStatus.RUNNING, cancel_requested=request)
    return _end(run, RunStatus.CANCELLED, now=now, timing=timing, reason=reason, cancel_requested=request)


def _next_look(held: Run, *, now: datetime, timing: Timing) -> datetime:
    """Return when the sweep looks at a held run: after a while, or at its start deadline if that is sooner."""
    deadline = None if held.start_deadline is None else held.scheduled_for + held.start_deadline
    recheck = now + timing.held_recheck
    return recheck if deadline is None or held.started is not None or deadline <= now else min(recheck, deadline)


def _hand_back(run: Run, *, note: str, now: datetime, timing: Timing) -> Run:
    message = _sentences("The process of this attempt was told to end; the run was handed back.", note)
    error = RunError(type=HANDED_BACK, message=message, retryable=True)
    # An agent that cannot be stopped works on until its process is gone, so the next attempt starts only then.
    due_at = now + timing.shutdown_notice
    before = sum(attempt.error is not None and attempt.error.type == HANDED_BACK for attempt in run.attempts)
    if before >= timing.max_handed_back and run.cancel_requested is None:
        return _after_loss(run, error, now=now, due_at=due_at, timing=timing)
    ended = _end_attempt(run, AttemptStatus.LOST, now=now, error=error)
    if run.cancel_requested is not None:
        return _end(ended, RunStatus.CANCELLED, now=now, timing=timing, reason=run.cancel_requested.reason)
    return _next_attempt(ended, due_at=due_at, timing=timing)


def _after_loss(run: Run, error: RunError, *, now: datetime, due_at: datetime, timing: Timing) -> Run:
    ended = _end_attempt(run, AttemptStatus.LOST, now=now, error=error).model_copy(
        update={"lost": run.lost + 1, "error": error}
    )
    if ended.lost > timing.max_lost:
        return _end(ended, RunStatus.FAILED, now=now, timing=timing)
    return _next_attempt(ended, due_at=due_at, timing=timing)


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
        return _end(failed, RunStatus.CANCELLED, now=now, timing=timing, reason=run.cancel_requested.reason)
    too_far = retry_after is not None and retry_after > LONGEST_WAIT
    if not error.retryable or failed.failures > run.retry.max_retries or too_far:
        return _end(failed, final, now=now, timing=timing)
    wait = backoff(run.retry, failures=failed.failures, jitter=jitter, retry_after=retry_after)
    return _next_attempt(failed, due_at=now + wait, timing=timing)


def _sentences(*given: str) -> str:
    return " ".join(filter(None, given))


def _return_time(wait: timedelta | None, *, now: datetime) -> str:
    """Return a sentence that says when to come back, if that is too far away for another attempt of the same run."""
    if wait is None or wait <= LONGEST_WAIT:
        return ""
    return f" It asked to be called again at {instant_text(now + wait)}, in more than an hour: retry the run then."


def _next_attempt(run: Run, *, due_at: datetime, timing: Timing) -> Run:
    return _move(
        run,
        RunStatus.QUEUED,
        attempt=run.attempt + 1,
        dispatch=1,
        due_at=due_at,
        lease=None,
        check_at=due_at + timing.grace,
    )


def _end_attempt(run: Run, status: AttemptStatus, *, now: datetime, error: RunError | None = None) -> Run:
    ended = run.attempts[-1].model_copy(update={"status": status, "ended": now, "error": error})
    return run.model_copy(update={"attempts": (*run.attempts[:-1], ended)})


def _end(run: Run, status: RunStatus, *, now: datetime, timing: Timing, **changes: Any) -> Run:
    return _move(
        run,
        status,
        finished=now,
        lease=None,
        check_at=None,
        expire_at=now + timing.retention,
        **changes,
    )


def _require(run: Run, source: RunStatus, *, target: str) -> None:
    """Raise IllegalTransition unless the run has this status; LEGAL_MOVES alone would allow other transitions too."""
    if run.status is not source:
        raise IllegalTransition(run.id, source=run.status, target=target)


def _move(run: Run, status: RunStatus, **changes: Any) -> Run:
    if status not in LEGAL_MOVES[run.status]:
        raise IllegalTransition(run.id, source=run.status, target=status)
    return run.model_copy(update={"status": status, **changes})
