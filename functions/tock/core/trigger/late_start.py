"""Whether a claimed run may still start: its start deadline, and the catch-up policy as it applies by now."""

from datetime import datetime, timedelta

from tock.core.policies import CatchUpMode
from tock.core.run.admission.lateness import PUNCTUAL, is_late
from tock.core.run.run import Run
from tock.core.run.status import RunSource
from tock.core.time.duration import duration_text
from tock.core.time.instant import instant_text
from tock.core.trigger.plan import first_fire_time
from tock.core.trigger.trigger import PauseReason, Trigger


def is_past_start_deadline(run: Run, *, now: datetime) -> bool:
    """Whether the run has not started, and may not any more by its own `start_deadline`."""
    return _is_unstarted(run) and run.start_deadline is not None and now > run.scheduled_for + run.start_deadline


def is_bound_by_catch_up(run: Run, *, now: datetime) -> bool:
    """Whether the run has not started and is late, so that the catch-up policy decides again whether it may."""
    return _is_unstarted(run) and is_late(run, now=now) and now - run.scheduled_for > PUNCTUAL


def why_missed(run: Run, trigger: Trigger | None, *, now: datetime) -> str | None:
    """Return why a run that is about to start no longer may, as a sentence; None if it may.

    Args:
        run: a run that has not started.
        trigger: its trigger as it is now; None if there is none, or if the run is not bound by the catch-up policy.
        now: the time of the start.
    """
    late = duration_text(timedelta(seconds=int((now - run.scheduled_for).total_seconds())))
    if is_past_start_deadline(run, now=now):
        deadline = duration_text(run.start_deadline or timedelta())
        return f"it could not start within its start deadline of {deadline}: by now it is {late} late{_cause(run)}"
    if not is_bound_by_catch_up(run, now=now):
        return None
    mode, window = run.catch_up.mode, run.catch_up.window
    if mode is CatchUpMode.NONE:
        longest = duration_text(PUNCTUAL)
        return f"it could not start in time; catch-up is none, and it is {late} late, more than {longest}{_cause(run)}"
    if now - run.scheduled_for > window:
        longest = duration_text(window)
        return f"it could not start in time; catch-up is {mode} within {longest}, and it is {late} late{_cause(run)}"
    newer = _newer_fire_time(run, trigger, now=now) if mode is CatchUpMode.LATEST else None
    if newer is not None:
        return (
            f"it could not start in time and is {late} late; catch-up is latest, "
            f"and the fire time {instant_text(newer)} has come since{_cause(run)}"
        )
    return None


def _is_unstarted(run: Run) -> bool:
    return run.source is RunSource.SCHEDULE and run.started is None and not run.status.terminal


def _newer_fire_time(run: Run, trigger: Trigger | None, *, now: datetime) -> datetime | None:
    """Return the first fire time after the run's that has come; after an edit, only fire times of the new version.

    A trigger whose last fire time is claimed is disabled as exhausted, and that fire time counts.
    """
    if trigger is None or (trigger.paused is not None and trigger.paused.reason is not PauseReason.EXHAUSTED):
        return None
    after = run.scheduled_for
    if trigger.generation != run.generation:
        after = max(after, trigger.updated.at)
    following = first_fire_time(trigger, after=after)
    return following if following is not None and following <= now else None


def _cause(run: Run) -> str:
    return "" if run.blocked_by is None else f"; it was held behind run {run.blocked_by}"
