"""What a settled run comes to for whoever waits for its result."""

from typing import Any

from tock.client.errors import RunCancelled, RunFailed, RunMissed, RunNotSucceeded, RunSkipped, RunTimedOut
from tock.core.run.status import RunStatus
from tock.web.resources.runs.run import RunResource

_ERRORS: dict[RunStatus, type[RunNotSucceeded]] = {
    RunStatus.FAILED: RunFailed,
    RunStatus.TIMED_OUT: RunTimedOut,
    RunStatus.CANCELLED: RunCancelled,
    RunStatus.SKIPPED: RunSkipped,
    RunStatus.MISSED: RunMissed,
}


def result_of(run: RunResource) -> Any:
    """Return the result of a settled run. Raises the RunNotSucceeded of its status unless it succeeded."""
    if run.status is RunStatus.SUCCEEDED:
        return run.result
    raise _ERRORS[run.status](run)
