"""The contract of the queue: a task is one delivery of one attempt, at its second, at least once.

What a tick's budget was too short for travels the same way, to further ticks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tock.core.run.run import Run


@dataclass(frozen=True, slots=True)
class Task:
    """One delivery of one attempt of a run."""

    project: str
    run: str
    attempt: int
    dispatch: int
    due_at: datetime
    #: The attempt's timeout; the delivery stays open somewhat longer.
    timeout: timedelta

    @classmethod
    def of(cls, run: Run) -> "Task":
        """The task of the run's current attempt and dispatch."""
        return cls(
            project=run.project,
            run=run.id,
            attempt=run.attempt,
            dispatch=run.dispatch,
            due_at=run.due_at,
            timeout=run.timeout,
        )


@dataclass(frozen=True, slots=True)
class TickContinuation:
    """The shards of a backlog that another tick works off."""

    #: Its identity, of letters, digits, `-` and `_`.
    name: str
    shards: tuple[int, ...]


class Queue(Protocol):
    """Delivers tasks to the run function, and further ticks to the tick function."""

    async def enqueue(self, task: Task) -> None:
        """Accept the task, once: a second call for the same delivery has no effect.

        Raises QueueUnavailable when the queue did not answer; the task may have been accepted all the same.
        """
        ...

    async def continue_tick(self, tick: TickContinuation) -> None:
        """Accept a further tick, to begin at once, beside the others: a second one of the same name has no effect.

        Raises QueueUnavailable when the queue did not answer; it may have been accepted all the same.
        """
        ...
