"""The names of tasks that are gone, which no new task may take for a while."""

import itertools
from datetime import datetime, timedelta

from tock.local.cloud_tasks.state.storage import Storage
from tock.local.cloud_tasks.task import Task


class Tombstones:
    """Task de-duplication after execution or deletion, for a fixed window."""

    def __init__(self, *, storage: Storage, window: timedelta) -> None:
        self._storage = storage
        self._window = window
        self._until = storage.tombstones()

    def holds(self, name: str, *, now: datetime) -> bool:
        """Whether a new task may not take this name."""
        until = self._until.get(name)
        return until is not None and now < until

    def bury(self, task: Task, *, now: datetime) -> None:
        """Delete the stored task and hold its name for the window."""
        until = now + self._window
        self._until.pop(task.name, None)
        self._until[task.name] = until
        self._storage.bury_task(task, until=until)
        self._release(now=now)

    def forget(self, *, prefix: str) -> None:
        """Free every name under a deleted queue."""
        for name in [name for name in self._until if name.startswith(prefix)]:
            self._free(name)

    def _release(self, *, now: datetime) -> None:
        """Free what is past the window; names stand in the order of spending, so the first one held ends it."""
        for name in [*itertools.takewhile(lambda name: self._until[name] <= now, self._until)]:
            self._free(name)

    def _free(self, name: str) -> None:
        del self._until[name]
        self._storage.drop_tombstone(name)
