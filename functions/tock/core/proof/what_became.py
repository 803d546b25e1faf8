"""What became of the run that records an occurrence, as one sentence."""

from datetime import timedelta

from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.run.admission.activity import activity_of
from tock.core.run.run import Run, RunError
from tock.core.run.status import RunStatus
from tock.core.time.instant import instant_text

#: A shorter run is not said to have taken 0.0 s.
_SHORTEST = timedelta(seconds=0.1)


def what_became(run: Run, status: OccurrenceStatus) -> str:
    """Return what became of the run, which stands for an occurrence of this status."""
    match status:
        case OccurrenceStatus.FIRED:
            started = f"{instant_text(run.started or run.due_at)}{_late(run)}"
            return f"It ran as run {run.id}: started at {started}, {_ended(run)}."
        case OccurrenceStatus.SKIPPED:
            return f"It was skipped: {run.reason or 'no reason is recorded'}."
        case OccurrenceStatus.MISSED:
            return f"It was missed: {run.reason or 'no reason is recorded'}{_with_others(run)}."
        case OccurrenceStatus.CANCELLED:
            return f"Its run {run.id} was cancelled before it started{_cancelled(run)}."
        case OccurrenceStatus.REFUSED:
            return f"Its run {run.id} {_verb(run.status)} without an attempt{_because(run.error)}."
        case _:
            return f"Its run {run.id} has not started; it {activity_of(run)}."


def _late(run: Run) -> str:
    late = run.lateness
    return "" if late is None or late.total_seconds() < 1 else f" ({late.total_seconds():.0f} s late)"


def _ended(run: Run) -> str:
    """Return how the run ended, or what it does now."""
    if not run.status.terminal:
        return f"and {activity_of(run)}"
    took = "" if run.duration is None else f" after {_seconds(run.duration)}"
    attempts = "" if len(run.attempts) == 1 else f", in {len(run.attempts)} attempts"
    how = _cancelled(run) if run.status is RunStatus.CANCELLED else _because(run.error)
    return f"{_verb(run.status)}{took}{attempts}{how}"


def _seconds(length: timedelta) -> str:
    """Return a length in seconds; nothing took no time at all."""
    return f"{length.total_seconds():.1f} s" if length >= _SHORTEST else "less than 0.1 s"


def _verb(status: RunStatus) -> str:
    return {RunStatus.TIMED_OUT: "timed out", RunStatus.CANCELLED: "was cancelled"}.get(status, str(status))


def _because(error: RunError | None) -> str:
    return "" if error is None else f": {error.type}: {error.message}".rstrip(".")


def _cancelled(run: Run) -> str:
    request = run.cancel_requested
    if request is None:
        return f": {run.reason}" if run.reason else ""
    why = f": {request.reason}" if request.reason else ""
    return f" by {request.by} at {instant_text(request.at)}{why}".rstrip(".")


def _with_others(run: Run) -> str:
    if run.missed is None or run.missed.count == 1:
        return ""
    first, last = instant_text(run.missed.first), instant_text(run.missed.last)
    return f" (one of {run.missed.count} fire times from {first} to {last})"
