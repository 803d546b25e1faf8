"""Blocks the names of executed and deleted tasks for a while, as Cloud Tasks does."""

import itertools
from datetime import datetime, timedelta

from tock.local.cloud_tasks.state.storage import Storage
from tock.local.cloud_tasks.task import Task


class Tombstones:
    """The blocked names, each for the same window after the task's execution or deletion."""

    def __init__(self, *, storage: Storage, window: timedelta) -> None:
        self._storage = storage
        self._window = window
        self._until = storage.tombstones()

    def blocks(self, name: str, *, now: datetime) -> bool:
        """Whether a new task may not have this name yet."""
        until = self._until.get(name)
        return until is not None and now < until

    def add(self, task: Task, *, now: datetime) -> None:
        """Delete the stored task, and block its name for the window."""
        until = now + self._window
        self._until.pop(task.name, None)
        self._until[task.name] = until
        self._storage.tombstone_task(task, until=until)
        self._remove_expired(now=now)

    def remove(self, *, prefix: str) -> None:
        """Remove every tombstone under a deleted queue."""
        for name in [name for name in self._until if name.startswith(prefix)]:
            self._remove(name)

    def _remove_expired(self, *, now: datetime) -> None:
        """Remove the expired tombstones. They are in the order of their expiry, so stop at the first unexpired one."""
        for name in [*itertools.takewhile(lambda name: self._until[name] <= now, self._until)]:
            self._remove(name)

    def _remove(self, name: str) -> None:
        del self._until[name]
        self._storage.delete_tombstone(name)
