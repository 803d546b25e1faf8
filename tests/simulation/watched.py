"""The model store and the model queue, with somebody who is told of what they take."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from model.queue import TICKS, ModelQueue
from model.store import ModelStore
from tock.core.run.run import Run
from tock.core.trigger.trigger import Trigger
from tock.ports.queue import Task, TickContinuation
from tock.ports.store import Change, Write


class WatchedStore(ModelStore):
    """The model store, with somebody who looks at every Commit."""

    def __init__(self, now: Callable[[], datetime], *, shards: int, watch: Callable[[Sequence[Write]], None]) -> None:
        super().__init__(now, shards=shards)
        self._watch = watch

    async def commit(self, writes: Sequence[Write]) -> Any:
        """Apply all writes or none, and show them."""
        version = await super().commit(writes)
        self._watch([await self._as_stored(write) for write in writes])
        return version

    async def _as_stored(self, write: Write) -> Write:
        match write:
            case Change(after=Run(project=project, id=run)):
                found: Any = await self.run(project, run)
            case Change(after=Trigger(project=project, id=trigger)):
                found = await self.trigger(project, trigger)
            case _:
                return write
        return Change(before=write.before, after=found.value)


class WakingQueue(ModelQueue):
    """The model queue, which tells whoever delivers that a task has come."""

    wake: Callable[[], None] = staticmethod(lambda: None)

    offered: Callable[[Task], None] = staticmethod(lambda _task: None)

    async def enqueue(self, task: Task) -> None:
        """Accept the task, and wake who delivers it."""
        self.offered(task)
        await super().enqueue(task)
        self.wake()

    #: How late further ticks are delivered.
    tardiness: timedelta = timedelta()

    async def continue_tick(self, tick: TickContinuation) -> None:
        """Accept the further tick, and wake who delivers it."""
        await super().continue_tick(tick)
        if self.tardiness and (name := TICKS + tick.name) in self.waiting:
            self.postpone(name, until=self._now() + self.tardiness)
        self.wake()
