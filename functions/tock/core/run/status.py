"""The closed sets of a run's life: statuses, sources and how one attempt ended."""

from enum import StrEnum


class RunStatus(StrEnum):
    """Where a run is in its life; terminal is final."""

    #: Waits for an earlier run; that run's settlement promotes it, the sweep looks after it.
    HELD = "held"
    #: Has a task in Cloud Tasks, or is about to; a delivery claims it. If the task is lost, the sweep sends another.
    QUEUED = "queued"
    #: A runner holds its lease; that runner settles it. If the runner dies, the sweep rescues it after the lease.
    RUNNING = "running"
    #: Waits for a callback or an approval until its deadline; costs no compute.
    WAITING = "waiting"
    #: The agent did its work.
    SUCCEEDED = "succeeded"
    #: The last attempt failed, or none could be made.
    FAILED = "failed"
    #: The last attempt was aborted at its timeout.
    TIMED_OUT = "timed_out"
    #: A person, an edit or a replacing run ended it.
    CANCELLED = "cancelled"
    #: Its overlap policy gave way to an earlier run.
    SKIPPED = "skipped"
    #: Nobody ticked in time and the catch-up policy let it go; may cover a range of fire times.
    MISSED = "missed"

    @property
    def terminal(self) -> bool:
        """Whether nothing may overwrite it."""
        return self in _TERMINAL


class RunSource(StrEnum):
    """Why a run exists."""

    #: A fire time of its trigger.
    SCHEDULE = "schedule"
    #: A person or a program asked for it.
    MANUAL = "manual"
    #: It repeats a settled run.
    RETRY = "retry"


class AttemptStatus(StrEnum):
    """How one attempt stands or ended."""

    #: Its runner holds the lease.
    RUNNING = "running"
    #: The agent did its work.
    SUCCEEDED = "succeeded"
    #: The agent failed, or showed no sign of work.
    FAILED = "failed"
    #: Aborted at the timeout.
    TIMED_OUT = "timed_out"
    #: Stopped on request.
    CANCELLED = "cancelled"
    #: Its runner disappeared, or was told to end and handed it back; apart from the agent's own failures.
    LOST = "lost"


_TERMINAL = frozenset(
    {
        RunStatus.SUCCEEDED,
        RunStatus.FAILED,
        RunStatus.TIMED_OUT,
        RunStatus.CANCELLED,
        RunStatus.SKIPPED,
        RunStatus.MISSED,
    }
)

#: From each status, the statuses that a transition may lead to. A terminal status leads nowhere.
LEGAL_MOVES: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.HELD: frozenset({RunStatus.HELD, RunStatus.QUEUED, RunStatus.CANCELLED, RunStatus.SKIPPED}),
    RunStatus.QUEUED: frozenset(
        {
            RunStatus.QUEUED,
            RunStatus.HELD,
            RunStatus.RUNNING,
            RunStatus.FAILED,
            RunStatus.CANCELLED,
            RunStatus.SKIPPED,
            RunStatus.MISSED,
        }
    ),
    RunStatus.RUNNING: frozenset(
        {
            RunStatus.RUNNING,
            RunStatus.QUEUED,
            RunStatus.WAITING,
            RunStatus.SUCCEEDED,
            RunStatus.FAILED,
            RunStatus.TIMED_OUT,
            RunStatus.CANCELLED,
        }
    ),
    RunStatus.WAITING: frozenset({RunStatus.QUEUED, RunStatus.TIMED_OUT, RunStatus.CANCELLED, RunStatus.FAILED}),
    **{status: frozenset() for status in _TERMINAL},
}
