"""Holds the queues and tasks that exist, and applies every change both in the file and in memory."""

import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from tock.local.cloud_tasks.clock import Clock
from tock.local.cloud_tasks.errors import (
    QueueExistsError,
    QueueNotFoundError,
    TaskExistsError,
    TaskNameTombstonedError,
    TaskNotFoundError,
)
from tock.local.cloud_tasks.names import parent_of
from tock.local.cloud_tasks.queue import Queue
from tock.local.cloud_tasks.state import changes
from tock.local.cloud_tasks.state.changes import Change
from tock.local.cloud_tasks.state.delay_queue import DelayQueue
from tock.local.cloud_tasks.state.storage import Storage
from tock.local.cloud_tasks.state.tombstones import Tombstones
from tock.local.cloud_tasks.task import Task

_log = logging.getLogger(__name__)


class Catalog:
    """The existing queues and tasks, read from storage once; every change is also stored."""

    def __init__(self, *, storage: Storage, clock: Clock, tombstone: timedelta) -> None:
        self._storage = storage
        self._clock = clock
        stored = storage.contents()
        self._tombstones = Tombstones(stored.tombstones, window=tombstone)
        self.delay_queues = {queue.name: DelayQueue(queue) for queue in stored.queues}
        for task in stored.tasks:
            self.delay_queues[parent_of(task.name)].schedule(task)
        self._serials = itertools.count(stored.tasks[-1].serial + 1 if stored.tasks else 1)

    def delay_queue(self, queue: str) -> DelayQueue:
        """Return the queue with its timetable; raises QueueNotFoundError."""
        if queue not in self.delay_queues:
            raise QueueNotFoundError(queue)
        return self.delay_queues[queue]

    def task(self, name: str) -> Task:
        """Return the task; raises QueueNotFoundError or TaskNotFoundError."""
        task = self.delay_queue(parent_of(name)).tasks.get(name)
        if task is None:
            raise TaskNotFoundError(name)
        return task

    def add_queue(self, queue: Queue) -> None:
        """Create a queue; raises QueueExistsError."""
        if queue.name in self.delay_queues:
            raise QueueExistsError(queue.name)
        self._storage.store(changes.save_queue(queue))
        self.delay_queues[queue.name] = DelayQueue(queue)
        _log.info("queue_created queue=%s", queue.name)

    def change_queue(self, queue: Queue, *, event: str) -> None:
        """Store the configuration and state of an existing queue, and log the event."""
        self._storage.store(changes.save_queue(queue))
        self.delay_queues[queue.name].queue = queue
        _log.info("%s queue=%s", event, queue.name)

    def remove_queue(self, name: str) -> None:
        """Delete a queue with its tasks and tombstones; raises QueueNotFoundError."""
        delay_queue = self.delay_queue(name)
        tombstones = self._tombstones.below(f"{name}/")
        self._storage.store(
            *map(changes.delete_task, delay_queue.tasks.values()),
            *map(changes.delete_tombstone, tombstones),
            changes.delete_queue(name),
        )
        for task in list(delay_queue.tasks):
            delay_queue.remove(task)
        self._tombstones.free(tombstones)
        del self.delay_queues[name]
        _log.info("queue_deleted queue=%s", name)

    def purge_queue(self, name: str) -> Queue:
        """Delete every current task of the queue, and return the queue; raises QueueNotFoundError."""
        delay_queue = self.delay_queue(name)
        tasks, now = list(delay_queue.tasks.values()), self._clock.now()
        purged = delay_queue.queue.model_copy(update={"purge_time": now})
        self._storage.store(*self._removal(tasks, now=now), changes.save_queue(purged))
        self._remove(tasks, now=now, event="task_purged")
        delay_queue.queue = purged
        _log.info("queue_purged queue=%s", name)
        return purged

    def add_task(self, *, queue: str, name: str, build: Callable[[int, datetime], Task]) -> Task:
        """Store the task that `build` returns for a new serial number and the current time.

        Raises QueueNotFoundError, TaskExistsError, TaskNameTombstonedError, or whatever `build` raises.
        """
        delay_queue = self.delay_queue(queue)
        now = self._clock.now()
        if name in delay_queue.tasks:
            raise TaskExistsError(name)
        if self._tombstones.blocks(name, now=now):
            raise TaskNameTombstonedError(name)
        task = build(next(self._serials), now)
        self._storage.store(changes.save_task(task))
        delay_queue.schedule(task)
        _log.info("task_created task=%s schedule_time=%s", name, task.schedule_time.isoformat())
        return task

    def update_task(self, task: Task) -> None:
        """Store the changed task; its place in the timetable stays the same."""
        self._storage.store(changes.save_task(task))
        self.delay_queues[parent_of(task.name)].update(task)

    def reschedule_task(self, task: Task) -> None:
        """Store the changed task, and schedule it at its new schedule time."""
        self._storage.store(changes.save_task(task))
        self.delay_queues[parent_of(task.name)].schedule(task)

    def remove_task(self, task: Task, *, event: str) -> None:
        """Delete the task, block its name for a while, and log the event."""
        now = self._clock.now()
        self._storage.store(*self._removal([task], now=now))
        self._remove([task], now=now, event=event)

    def _removal(self, tasks: Sequence[Task], *, now: datetime) -> Iterator[Change]:
        """Yield the changes that delete the tasks and block their names; names whose time has come are freed."""
        yield from map(changes.delete_tombstone, self._tombstones.expired(now=now))
        for task in tasks:
            yield changes.delete_task(task)
            yield changes.save_tombstone(task.name, until=self._tombstones.end(now=now))

    def _remove(self, tasks: Sequence[Task], *, now: datetime, event: str) -> None:
        """Do in memory what `_removal` does in the file."""
        self._tombstones.free(self._tombstones.expired(now=now))
        for task in tasks:
            self._tombstones.block(task.name, now=now)
            self.delay_queues[parent_of(task.name)].remove(task.name)
            _log.info("%s task=%s attempts=%d", event, task.name, task.dispatch_count)
