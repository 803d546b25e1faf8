"""The tasks of one queue in the order of their time, and which of them may start now."""

import heapq
from collections import Counter
from datetime import datetime

from tock.local.cloud_tasks.queue import Queue, QueueState
from tock.local.cloud_tasks.rate_limits import Bucket
from tock.local.cloud_tasks.task import Task

#: A limit: stale entries of the timetable that are not worth a clean-up.
_SLACK = 64


class DelayQueue:
    """A queue at work.

    The timetable is a heap that is never searched: an entry counts only as long as its task is there, at that
    time, and not under way. Whatever else is in it is thrown out when it comes to the top.
    """

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.tasks: dict[str, Task] = {}
        self._timetable: list[tuple[datetime, int, str]] = []
        self._under_way: Counter[int] = Counter()
        self._running = 0
        self._bucket = Bucket()

    def put(self, task: Task) -> None:
        """Keep the task, new or changed, and start it at its schedule time."""
        self.tasks[task.name] = task
        heapq.heappush(self._timetable, (task.schedule_time, task.serial, task.name))

    def replace(self, task: Task) -> None:
        """Keep the changed task, and leave the timetable as it is."""
        self.tasks[task.name] = task

    def drop(self, name: str) -> None:
        """Forget the task; an attempt under way goes on, and its outcome will mean nothing."""
        del self.tasks[name]
        if len(self._timetable) > 2 * len(self.tasks) + _SLACK:
            self._timetable = [entry for entry in self._timetable if self._counts(entry)]
            heapq.heapify(self._timetable)

    def held(self, *, name: str, serial: int) -> Task | None:
        """The task of that name, if it is still the same task."""
        task = self.tasks.get(name)
        return task if task and task.serial == serial else None

    def take(self, *, now: datetime) -> Task | datetime | None:
        """The task that starts now; or when to ask again; or None until something changes.

        A task that is returned has left the timetable and used up its share of the rate.
        """
        while self._timetable and not self._counts(self._timetable[0]):
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

    def leave(self, task: Task) -> None:
        """Count an attempt at the task as under way."""
        self._under_way[task.serial] += 1
        self._running += 1

    def land(self, task: Task) -> bool:
        """Count an attempt as ended; whether another one at the same task is still under way."""
        self._under_way[task.serial] -= 1
        self._running -= 1
        if self._under_way[task.serial]:
            return True
        del self._under_way[task.serial]
        return False

    def _counts(self, entry: tuple[datetime, int, str]) -> bool:
        due, serial, name = entry
        task = self.held(name=name, serial=serial)
        return task is not None and task.schedule_time == due and not self._under_way[serial]
