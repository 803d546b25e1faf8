"""The exit statuses of `tock`: how a command ended or, if it waited for a run, how that did."""

from enum import IntEnum

from tock.core.run.status import RunStatus


class ExitStatus(IntEnum):
    """How a command ended; docs/guides/command-line.md has the table."""

    #: The command did what it was asked to; a run that it waited for succeeded.
    DONE = 0
    #: The command failed, or what it checked does not hold: its error says why.
    FAILED = 1
    #: It was called wrongly, or knows no server: nothing was done.
    USAGE = 2
    #: The run failed.
    RUN_FAILED = 3
    #: The run reached its timeout, or nobody answered in time.
    RUN_TIMED_OUT = 4
    #: The run was cancelled.
    RUN_CANCELLED = 5
    #: The run was skipped, by its overlap policy.
    RUN_SKIPPED = 6
    #: The run was missed.
    RUN_MISSED = 7
    #: `tock plan --check`: the definitions and the project differ.
    DIFFERS = 8
    #: The run has not ended within --timeout, and goes on; the same as that of timeout(1).
    STILL_ACTIVE = 124
    #: Ctrl-C stopped the command; what it says last is how much was done.
    INTERRUPTED = 130


_BY_STATUS = {
    RunStatus.SUCCEEDED: ExitStatus.DONE,
    RunStatus.FAILED: ExitStatus.RUN_FAILED,
    RunStatus.TIMED_OUT: ExitStatus.RUN_TIMED_OUT,
    RunStatus.CANCELLED: ExitStatus.RUN_CANCELLED,
    RunStatus.SKIPPED: ExitStatus.RUN_SKIPPED,
    RunStatus.MISSED: ExitStatus.RUN_MISSED,
}


def exit_status_of(status: RunStatus) -> ExitStatus:
    """Return the exit status of a command that waited for a run with this status."""
    return _BY_STATUS.get(status, ExitStatus.STILL_ACTIVE)
