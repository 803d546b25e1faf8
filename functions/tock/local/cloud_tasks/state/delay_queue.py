"""Orders the tasks of one queue by their schedule time, and decides which may start now."""

import heapq
from collections import Counter
from datetime import datetime

from tock.local.cloud_tasks.queue import Queue, QueueState
from tock.local.cloud_tasks.rate_limits import Bucket
from tock.local.cloud_tasks.task import Task

#: So many outdated entries may stay in the timetable before it is cleaned up.
_SLACK = 64


class DelayQueue:
    """A queue with its tasks and their timetable.

    The timetable is a heap that is never searched. An entry is current only while its task exists, is scheduled at the
    entry's time and has no attempt in progress. An outdated entry is discarded when it reaches the top of the heap.
    """

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.tasks: dict[str, Task] = {}
        self._timetable: list[tuple[datetime, int, str]] = []
        self._under_way: Counter[int] = Counter()
        self._running = 0
        self._bucket = Bucket()

    def schedule(self, task: Task) -> None:
        """Add or replace the task, and schedule it at its schedule time."""
        self.tasks[task.name] = task
        heapq.heappush(self._timetable, (task.schedule_time, task.serial, task.name))

    def update(self, task: Task) -> None:
        """Replace the task, without a change to the timetable."""
        self.tasks[task.name] = task

    def remove(self, name: str) -> None:
        """Remove the task; an attempt in progress goes on, but its outcome will be ignored."""
        del self.tasks[name]
        if len(self._timetable) > 2 * len(self.tasks) + _SLACK:
            self._timetable = [entry for entry in self._timetable if self._is_current(entry)]
            heapq.heapify(self._timetable)

    def find(self, *, name: str, serial: int) -> Task | None:
        """Return the task of this name if it has this serial number; a later task may reuse the name."""
        task = self.tasks.get(name)
        return task if task and task.serial == serial else None

    def pop_due(self, *, now: datetime) -> Task | datetime | None:
        """Return the task to start now, or the time to ask again, or None: then ask again after the next change.

        A returned task is removed from the timetable, and it takes one token of the rate limit.
        """
        while self._timetable and not self._is_current(self._timetable[0]):
            heapq.heappop(self._timetable)
        if not self._timetable or self.queue.state is QueueState.PAUSED:
            return None
        due, _, name = self._timetable[0]
        if due > now:
            return due
        if self._running >= self.queue.rates.max_concurrent_dispatches:
            return None
        opens_at = self._bucket.opens_at(self.queue.rates, now=now)
        if opens_at > now:
            return opens_at
        heapq.heappop(self._timetable)
        self._bucket = self._bucket.taken(self.queue.rates, now=now)
        return self.tasks[name]

    def begin_attempt(self, task: Task) -> None:
        """Count one more attempt of the task in progress."""
        self._under_way[task.serial] += 1
        self._running += 1

    def end_attempt(self, task: Task) -> bool:
        """Count one attempt less, and return whether another attempt of the task is in progress."""
        self._under_way[task.serial] -= 1
        self._running -= 1
        if self._under_way[task.serial]:
            return True
        del self._under_way[task.serial]
        return False

    def _is_current(self, entry: tuple[datetime, int, str]) -> bool:
        due, serial, name = entry
        task = self.find(name=name, serial=serial)
        return task is not None and task.schedule_time == due and not self._under_way[serial]
