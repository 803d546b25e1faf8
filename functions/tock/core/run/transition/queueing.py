"""The transitions of a run that has no outcome yet: it starts, is held, promoted, dropped or cancelled."""

from datetime import datetime, timedelta

from tock.core.agent.session import session_subject
from tock.core.ids.derived import lock_id
from tock.core.run.admission.activity import activity_of
from tock.core.run.admission.lateness import is_late
from tock.core.run.run import MAX_HOLDS, Attempt, CancelRequest, Hold, Lease, MissedRange, Run, RunError
from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.run.transition.move import end, move, require
from tock.core.timing import Timing

#: The longest time between two deliveries that the sweep sends for one queued run.
LONGEST_GRACE = timedelta(minutes=15)
#: How often the sweep looks whether a slot is free for a line; usually whoever gives one back promotes the first run.
#: It is shorter than the minute between ticks, so that each tick's sweep looks.
LINE_RECHECK = timedelta(seconds=50)


def start(
    run: Run,
    *,
    now: datetime,
    owner: str,
    agent_revision: int,
    timing: Timing,
    has_session: bool = False,
    slots: tuple[str, ...] = (),
) -> Run:
    """Return the queued run as running, with an attempt under the lease of the runner `owner`.

    If agents of its kind have sessions, it begins one, unless it goes on with another run's. Whoever writes the start
    of a run that goes on with its trigger's conversation takes the lock that the run then names.
    """
    require(run, RunStatus.QUEUED, target=RunStatus.RUNNING)
    session = run.session or (run.id if has_session else None)
    attempt = Attempt(
        number=run.attempt,
        status=AttemptStatus.RUNNING,
        owner=owner,
        started=now,
        agent_revision=agent_revision,
        session=session,
    )
    subject = session_subject(session) if session is not None and run.awaits_session else None
    leased = move(
        run if subject is None else run.model_copy(update={"subject": subject, "lock": lock_id(subject=subject)}),
        RunStatus.RUNNING,
        attempts=(*run.attempts, attempt),
        session=session,
        in_line=None,
        slots=slots,
        started=run.started or now,
        late=is_late(run, now=now),
        blocked_by=None,
    )
    return heartbeat(leased, now=now, owner=owner, timing=timing)


def heartbeat(run: Run, *, now: datetime, owner: str, timing: Timing) -> Run:
    """Return the running run with its lease extended, but not past the attempt's timeout plus the backstop."""
    require(run, RunStatus.RUNNING, target=RunStatus.RUNNING)
    backstop = run.attempts[-1].started + run.timeout + timing.backstop
    expires_at = min(now + timing.lease, backstop)
    return move(
        run,
        RunStatus.RUNNING,
        lease=Lease(owner=owner, expires_at=expires_at),
        check_at=expires_at,
    )


def redispatch(run: Run, *, now: datetime, timing: Timing) -> Run:
    """Return a queued run with a new delivery; each one doubles the wait until the sweep looks at the run again."""
    require(run, RunStatus.QUEUED, target=RunStatus.QUEUED)
    grace = min(timing.grace * (2 ** min(run.dispatch, 10)), LONGEST_GRACE)
    return move(run, RunStatus.QUEUED, dispatch=run.dispatch + 1, check_at=now + grace)


def hold(run: Run, *, blocked_by: str, now: datetime, timing: Timing) -> Run:
    """Return the run as held behind an earlier one; a run that is late stays so, however long it is held.

    A run that was in line for a slot leaves the line, so that those behind it do not wait for this one's turn.
    """
    check_at = _next_look(run, now=now, timing=timing)
    holds = run.holds if run.status is RunStatus.HELD else _holds(run, behind=blocked_by, now=now)
    return move(
        run,
        RunStatus.HELD,
        blocked_by=blocked_by,
        in_line=None,
        holds=holds,
        late=is_late(run, now=now),
        check_at=check_at,
    )


def hold_in_line(run: Run, *, scope: str, now: datetime, timing: Timing) -> Run:
    """Return the queued run as held until a slot of this limit is free; it keeps its place by its fire time."""
    require(run, RunStatus.QUEUED, target=RunStatus.HELD)
    check_at = min(_next_look(run, now=now, timing=timing), now + LINE_RECHECK)
    holds = _holds(run, in_line=scope, now=now)
    return move(run, RunStatus.HELD, in_line=scope, holds=holds, blocked_by=None, check_at=check_at)


def keep_held(run: Run, *, now: datetime, timing: Timing, watches_line: bool = False) -> Run:
    """Return a held run as it is, with the time at which the sweep looks at it again: soon if it watches its line."""
    require(run, RunStatus.HELD, target=RunStatus.HELD)
    check_at = _next_look(run, now=now, timing=timing)
    return move(run, RunStatus.HELD, check_at=min(check_at, now + LINE_RECHECK) if watches_line else check_at)


def promote(run: Run, *, now: datetime, timing: Timing) -> Run:
    """Return a held run as queued, due now."""
    require(run, RunStatus.HELD, target=RunStatus.QUEUED)
    holds = run.holds
    if holds and holds[-1].until is None:
        holds = (*holds[:-1], holds[-1].model_copy(update={"until": now}))
    return move(
        run,
        RunStatus.QUEUED,
        holds=holds,
        due_at=now,
        dispatch=run.dispatch + 1,
        check_at=now + timing.grace,
    )


def skip(run: Run, *, blocked_by: Run, now: datetime, timing: Timing) -> Run:
    """Return the run as skipped, with the earlier run and what that one was doing as the reason."""
    reason = f"run {blocked_by.id} {activity_of(blocked_by)}; overlap is {run.overlap}"
    return end(run, RunStatus.SKIPPED, now=now, timing=timing, reason=reason, blocked_by=blocked_by.id)


def miss(run: Run, *, reason: str, now: datetime, timing: Timing) -> Run:
    """Return the run, which never started, as missed: its policies no longer let it start."""
    missed = MissedRange(first=run.scheduled_for, last=run.scheduled_for, count=1)
    return end(run, RunStatus.MISSED, now=now, timing=timing, reason=reason, missed=missed)


def give_up(run: Run, *, reason: str, now: datetime, timing: Timing) -> Run:
    """Return a run that waits for its retry as ended the way its last attempt ended."""
    require(run, RunStatus.QUEUED, target="given up")
    final = RunStatus.TIMED_OUT if run.attempts[-1].status is AttemptStatus.TIMED_OUT else RunStatus.FAILED
    return end(run, final, now=now, timing=timing, reason=reason)


def refuse(run: Run, error: RunError, *, now: datetime, timing: Timing) -> Run:
    """Return a queued run as failed without an attempt: its agent is missing, disabled or has no executor."""
    require(run, RunStatus.QUEUED, target=RunStatus.FAILED)
    return end(run, RunStatus.FAILED, now=now, timing=timing, error=error)


def cancel(run: Run, *, by: str, reason: str, now: datetime, timing: Timing) -> Run:
    """Return the run as cancelled; a running one keeps running, with the request noted for its runner."""
    request = run.cancel_requested or CancelRequest(reason=reason, at=now, by=by)
    if run.status is RunStatus.RUNNING:
        return move(run, RunStatus.RUNNING, cancel_requested=request)
    return end(run, RunStatus.CANCELLED, now=now, timing=timing, reason=reason, cancel_requested=request)


def _holds(run: Run, *, now: datetime, behind: str | None = None, in_line: str | None = None) -> tuple[Hold, ...]:
    """Return the run's stays in the status `held` with the one that begins now, up to the most that are kept."""
    if len(run.holds) >= MAX_HOLDS:
        return run.holds
    return (*run.holds, Hold(after=len(run.attempts), behind=behind, in_line=in_line, at=now))


def _next_look(held: Run, *, now: datetime, timing: Timing) -> datetime:
    """Return when the sweep looks at a held run: after a while, or at its start deadline if that is sooner."""
    deadline = None if held.start_deadline is None else held.scheduled_for + held.start_deadline
    recheck = now + timing.held_recheck
    return recheck if deadline is None or held.started is not None or deadline <= now else min(recheck, deadline)
