"""The statuses of runs and attempts, the sources of runs, and the allowed transitions."""

from enum import StrEnum


class RunStatus(StrEnum):
    """The status of a run; nothing changes a terminal one any more."""

    #: It waits for an earlier run, or in line for a slot. The settlement of that run, or whoever gives a slot back,
    #: promotes it; the sweep does if that promotion is lost.
    HELD = "held"
    #: It has a task in Cloud Tasks, or soon will. A runner claims its attempt; if the task is lost, the sweep sends
    #: another.
    QUEUED = "queued"
    #: A runner holds its lease and settles it. If the runner dies, the sweep rescues it once the lease has expired.
    RUNNING = "running"
    #: It waits for a callback, an approval or an answer, and costs no compute meanwhile. The answer queues its next
    #: leg; the sweep ends the wait at its deadline.
    WAITING = "waiting"
    #: The agent did its work.
    SUCCEEDED = "succeeded"
    #: The last attempt failed or was lost, or no attempt could be made.
    FAILED = "failed"
    #: The last attempt was aborted at its timeout.
    TIMED_OUT = "timed_out"
    #: A person, an edit or a replacing run cancelled it.
    CANCELLED = "cancelled"
    #: Its overlap policy skipped it because an earlier run was active.
    SKIPPED = "skipped"
    #: The catch-up policy, its start deadline, a pause or a deletion dropped it. One record may cover many fire times.
    MISSED = "missed"

    @property
    def terminal(self) -> bool:
        """Whether the run has ended."""
        return self in _TERMINAL


class RunSource(StrEnum):
    """What created a run."""

    #: A fire time of its trigger.
    SCHEDULE = "schedule"
    #: The request of a person or a program to run a trigger or an agent now.
    MANUAL = "manual"
    #: The request to repeat a settled run.
    RETRY = "retry"
    #: The request to go on with the conversation of a settled run.
    RESUME = "resume"
    #: The request to run a command in the workspace of a settled run.
    EXEC = "exec"


class AttemptStatus(StrEnum):
    """The status of an attempt."""

    #: Its runner holds the lease.
    RUNNING = "running"
    #: The agent did its work.
    SUCCEEDED = "succeeded"
    #: The agent failed, or ended without a result, an event or any usage.
    FAILED = "failed"
    #: Its runner aborted it at the timeout, or the sweep did later.
    TIMED_OUT = "timed_out"
    #: Its runner stopped the agent because somebody asked for it.
    CANCELLED = "cancelled"
    #: The agent waits for an answer; the next leg of the run begins with it.
    WAITING = "waiting"
    #: The agent asked for the next leg of the run.
    CONTINUED = "continued"
    #: Its runner disappeared, or was told to end and handed it back; the retry policy does not count it.
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

#: For each status, the statuses that a transition may lead to; none for a terminal status.
LEGAL_MOVES: dict[RunStatus, frozenset[RunStatus]] = {
    RunStatus.HELD: frozenset(
        {RunStatus.HELD, RunStatus.QUEUED, RunStatus.CANCELLED, RunStatus.SKIPPED, RunStatus.MISSED}
    ),
    RunStatus.QUEUED: frozenset(
        {
            RunStatus.QUEUED,
            RunStatus.HELD,
            RunStatus.RUNNING,
            RunStatus.FAILED,
            RunStatus.TIMED_OUT,
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
