"""The contract of the queue: it delivers each task at least once, at its second, and starts continuations of ticks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tock.core.errors import QueueUnavailable
from tock.core.run.run import Run


@dataclass(frozen=True, slots=True)
class Task:
    """One delivery of one attempt of a run."""

    project: str
    run: str
    attempt: int
    dispatch: int
    due_at: datetime
    #: The attempt's timeout; the queue waits somewhat longer for the answer to the delivery.
    timeout: timedelta

    @classmethod
    def of(cls, run: Run) -> "Task":
        """Return the task for the run's current attempt and dispatch."""
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
    """A further tick, over some shards of a backlog."""

    #: Its identity: letters, digits, `-` and `_`.
    name: str
    shards: tuple[int, ...]


class Queue(Protocol):
    """Delivers tasks to the run function, and continuations to the tick function."""

    async def enqueue(self, tasks: Sequence[Task]) -> Mapping[Task, QueueUnavailable]:
        """Accept each task, once: another one for the same delivery has no effect, in this call or a later one.

        Returns the tasks for which the queue did not answer or which it refused, each with the error; it may have
        accepted them nevertheless. One task's failure changes nothing for the others.
        """
        ...

    async def continue_tick(self, tick: TickContinuation) -> None:
        """Accept the continuation, to be delivered at once; a second call with the same name has no effect.

        Continuations run beside each other and beside the minute's tick. Raises QueueUnavailable when the queue did
        not answer; it may have accepted the continuation nevertheless.
        """
        ...
