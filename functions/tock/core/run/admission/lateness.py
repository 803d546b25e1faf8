"""Whether a scheduled run is late: it was claimed after its fire time, or could not start soon after it."""

from datetime import datetime, timedelta

from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus

#: A run that starts at most this long after its fire time is punctual: Tock promises a start within the minute.
PUNCTUAL = timedelta(seconds=60)


def is_late(run: Run, *, now: datetime) -> bool:
    """Whether the run is late, by its record or because it is queued and has not started in time.

    A run that was held by its overlap policy is due when it is promoted, so that wait makes it no late one.
    """
    if run.late or run.source is not RunSource.SCHEDULE:
        return run.late
    return run.started is None and run.status is RunStatus.QUEUED and now - run.due_at > PUNCTUAL
