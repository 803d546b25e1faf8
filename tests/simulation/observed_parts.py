"""The model store and the model queue, with callbacks for what they accept."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from model.queue import TICKS, ModelQueue
from model.store import ModelStore
from tock.core.errors import QueueUnavailable
from tock.core.run.run import Run
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.queue import Task, TickContinuation
from tock.ports.store import Change, Versioned, Write


class ObservedStore(ModelStore):
    """The model store; it passes every Commit that it applied to `observe`."""

    #: Called with the runs that a sweep reads.
    observe_overdue: Callable[[Sequence[Run]], None] = staticmethod(lambda _runs: None)

    def __init__(self, now: Callable[[], datetime], *, shards: int, observe: Callable[[Sequence[Write]], None]) -> None:
        super().__init__(now, shards=shards)
        self._observe = observe

    async def commit(self, writes: Sequence[Write]) -> Any:
        """Apply all writes or none, and pass them on as they are stored."""
        version = await super().commit(writes)
        self._observe([await self._as_stored(write) for write in writes])
        return version

    async def overdue_runs(self, *, until: datetime, limit: int) -> Sequence[Versioned[Run] | Unreadable]:
        """Return the overdue runs, and pass them on: a sweep is about to repair them."""
        found = await super().overdue_runs(until=until, limit=limit)
        self.observe_overdue([run.value for run in found if isinstance(run, Versioned)])
        return found

    async def _as_stored(self, write: Write) -> Write:
        match write:
            case Change(after=Run(project=project, id=run)):
                found: Any = await self.run(project, run)
            case Change(after=Trigger(project=project, id=trigger)):
                found = await self.trigger(project, trigger)
            case _:
                return write
        return Change(before=write.before, after=found.value)


class ObservedQueue(ModelQueue):
    """The model queue; it calls `wake` whenever it accepts a task."""

    wake: Callable[[], None] = staticmethod(lambda: None)
    #: Called with each task that somebody tries to enqueue.
    observe: Callable[[Task], None] = staticmethod(lambda _task: None)
    #: How much later than usual continuations are delivered.
    continuation_delay: timedelta = timedelta()

    async def enqueue(self, tasks: Sequence[Task]) -> Mapping[Task, QueueUnavailable]:
        """Accept the tasks, and wake the delivery."""
        for task in tasks:
            self.observe(task)
        refused = await super().enqueue(tasks)
        self.wake()
        return refused

    async def continue_tick(self, tick: TickContinuation) -> None:
        """Accept the continuation, and wake the delivery."""
        await super().continue_tick(tick)
        if self.continuation_delay and (name := TICKS + tick.name) in self.waiting:
            self.postpone(name, until=self._now() + self.continuation_delay)
        self.wake()
