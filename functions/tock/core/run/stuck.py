"""Whether a run is stuck: it has not ended, and nobody moves it on, or nobody takes its tasks."""

from datetime import datetime, timedelta

from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.time.instant import instant_text

#: How long after its `check_at` a run may stay as it is: two ticks, of which one may fail.
PATIENCE = timedelta(minutes=2)


def stuck_because(run: Run, *, now: datetime) -> str | None:
    """Return what keeps a run that has not ended where it is, as the end of a sentence; None if it is on its way."""
    if run.status.terminal:
        return None
    if run.check_at is None:
        return "has no time at which a sweep looks at it"
    if run.check_at + PATIENCE < now:
        return f"should have been looked at by a sweep since {instant_text(run.check_at)}"
    return None


def undelivered_because(run: Run, *, now: datetime) -> str | None:
    """Return how long a queued run waits for a delivery although sweeps look after it; None for any other run.

    It has no task, or its task waits in a queue that is paused or has more to deliver than it may.
    """
    if run.status is not RunStatus.QUEUED or run.due_at + PATIENCE >= now or stuck_because(run, now=now) is not None:
        return None
    tasks = "1 task was" if run.dispatch == 1 else f"{run.dispatch} tasks were"
    return f"is due since {instant_text(run.due_at)}; {tasks} sent for attempt {run.attempt}, and none was delivered"
