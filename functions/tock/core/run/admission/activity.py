"""What an active run is doing, in words for the reason of a run that gave way to it."""

from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.time.instant import instant_text


def activity_of(active: Run) -> str:  # noqa: PLR0911 one for each status
    """Return what an active run is doing, as the end of a sentence."""
    match active.status:
        case RunStatus.RUNNING:
            return f"has been running since {instant_text(active.attempts[-1].started)}"
        case RunStatus.WAITING:
            return f"was waiting for an answer since {instant_text(active.attempts[-1].ended or active.due_at)}"
        case RunStatus.HELD if active.in_line is not None:
            return f"was waiting in line for a slot of {active.in_line}"
        case RunStatus.HELD:
            return f"was waiting for run {active.blocked_by} to end"
        case RunStatus.QUEUED if active.started is not None:
            return f"was waiting for its attempt {active.attempt}, due at {instant_text(active.due_at)}"
        case RunStatus.QUEUED:
            return f"was about to start: it was due at {instant_text(active.due_at)}"
        case status:
            return f"was {status}"
