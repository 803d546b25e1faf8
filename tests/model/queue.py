"""The model queue: Cloud Tasks in memory. It returns the requests to make; a driver makes them."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from tock.app.execution.execute import Delivery
from tock.core.errors import QueueUnavailable
from tock.core.ids.derived import task_id
from tock.local.cloud_tasks.retry_policy import RetryPolicy
from tock.ports.queue import Task, TickContinuation
from tock.queue.cloud_tasks import LONGEST_DEADLINE, SETTLING, SHORTEST_DEADLINE, TICK_DEADLINE

#: How long the name of a deleted task cannot be used again: about an hour (Cloud Tasks, "Task de-duplication").
REMEMBERED = timedelta(hours=1)
#: The prefix of the names of continuations, which have a queue of their own.
TICKS = "ticks/"
#: In place of a plan's number: a request of the task is in progress.
_IN_PROGRESS = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A request to make now, which must be answered before its deadline."""

    number: int
    name: str
    body: Delivery | TickContinuation
    #: The number of this try of the task, from 1.
    tried: int
    deadline: datetime


@dataclass(frozen=True, slots=True)
class _Held:
    body: Delivery | TickContinuation
    #: How long one request may take.
    timeout: timedelta
    #: The number of the plan that is valid; earlier ones are not.
    plan: int
    tried: int = 0
    first: datetime | None = None


class ModelQueue:
    """Guarantees what Cloud Tasks does and no more: each task at its time or later, at least once, in any order.

    A request without a success until its deadline is made again after growing pauses, as the `retry` policy says. A
    second task with the same name has no effect while the first exists and for `remembered` after that. `duplicate`,
    `postpone` and `forget` inject faults.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        retry: RetryPolicy | None = None,
        remembered: timedelta = REMEMBERED,
    ) -> None:
        self._now = now
        self._retry = retry or RetryPolicy()
        self._remembered = remembered
        self._numbers = count(1)
        self._held: dict[str, _Held] = {}
        self._spent: dict[str, datetime] = {}
        self._in_progress: dict[int, Request] = {}
        self._planned: list[tuple[datetime, int, str]] = []
        self._deadlines: list[tuple[datetime, int]] = []
        self._duplicates: list[tuple[datetime, int, Request]] = []

    async def enqueue(self, tasks: Sequence[Task]) -> Mapping[Task, QueueUnavailable]:
        """Accept each task, unless its name is in use or was used recently; refuse none."""
        for task in tasks:
            name = task_id(project=task.project, run=task.run, attempt=task.attempt, dispatch=task.dispatch)
            body = Delivery(project=task.project, run=task.run, attempt=task.attempt, dispatch=task.dispatch)
            timeout = min(max(task.timeout + SETTLING, SHORTEST_DEADLINE), LONGEST_DEADLINE)
            self._accept(name, body=body, at=task.due_at, timeout=timeout)
        return {}

    async def continue_tick(self, tick: TickContinuation) -> None:
        """Accept the continuation, unless its name is in use or was used recently."""
        self._accept(f"{TICKS}{tick.name}", body=tick, at=self._now(), timeout=TICK_DEADLINE)

    @property
    def waiting(self) -> list[str]:
        """The names of the tasks that wait for their time."""
        return [name for _, plan, name in sorted(self._planned) if self._is_planned(name, plan=plan)]

    def next_due(self) -> datetime | None:
        """Return the time of the next request or deadline, or None if there is none."""
        self._drop_stale()
        tasks = [at for at, _, _ in self._planned[:1]]
        deadlines = [at for at, _ in self._deadlines[:1]]
        duplicates = [at for at, _, _ in self._duplicates[:1]]
        return min(tasks + deadlines + duplicates, default=None)

    def due(self, now: datetime) -> list[Request]:
        """Return the requests to make now; each is returned once."""
        self._expire(now)
        requests = []
        while self._planned and self._planned[0][0] <= now:
            _, plan, name = heapq.heappop(self._planned)
            if self._is_planned(name, plan=plan):
                requests.append(self._begin(name, now=now))
        while self._duplicates and self._duplicates[0][0] <= now:
            _, number, original = heapq.heappop(self._duplicates)
            requests.append(replace(original, number=number))
        return requests

    def answer(self, request: Request, *, ok: bool) -> None:
        """Take the answer: the task is deleted, or tried again. After the deadline it is ignored."""
        if self._in_progress.pop(request.number, None) is None:
            return
        if ok:
            self._remove(request.name)
        else:
            self._try_again(request.name, now=self._now())

    def duplicate(self, request: Request, *, at: datetime) -> None:
        """Make the request once more at this time; the answer to that one is ignored."""
        heapq.heappush(self._duplicates, (at, next(self._numbers), request))

    def postpone(self, name: str, *, until: datetime) -> None:
        """Delay a waiting task until this time. Raises LookupError if a request of it is in progress."""
        held = self._held[name]
        if held.plan == _IN_PROGRESS:
            raise LookupError(f"{name} is not waiting")
        self._plan(name, held, at=until)

    def forget(self) -> None:
        """Lose all tasks and names. Requests in progress are not made again."""
        for lost in (self._held, self._spent, self._in_progress, self._planned, self._deadlines, self._duplicates):
            lost.clear()

    def _accept(self, name: str, *, body: Delivery | TickContinuation, at: datetime, timeout: timedelta) -> None:
        now = self._now()
        if name in self._held or now < self._spent.get(name, now):
            return
        self._spent.pop(name, None)
        self._plan(name, _Held(body, timeout, plan=_IN_PROGRESS), at=max(at, now))

    def _plan(self, name: str, held: _Held, *, at: datetime) -> None:
        plan = next(self._numbers)
        self._held[name] = replace(held, plan=plan)
        heapq.heappush(self._planned, (at, plan, name))

    def _is_planned(self, name: str, *, plan: int) -> bool:
        return name in self._held and self._held[name].plan == plan

    def _begin(self, name: str, *, now: datetime) -> Request:
        held = self._held[name]
        held = self._held[name] = replace(held, tried=held.tried + 1, first=held.first or now, plan=_IN_PROGRESS)
        request = Request(next(self._numbers), name, held.body, held.tried, now + held.timeout)
        self._in_progress[request.number] = request
        heapq.heappush(self._deadlines, (request.deadline, request.number))
        return request

    def _expire(self, now: datetime) -> None:
        while self._deadlines and self._deadlines[0][0] <= now:
            deadline, number = heapq.heappop(self._deadlines)
            if (request := self._in_progress.pop(number, None)) is not None:
                self._try_again(request.name, now=deadline)

    def _try_again(self, name: str, *, now: datetime) -> None:
        held = self._held[name]
        if self._retry.is_exhausted(attempts=held.tried, age=now - (held.first or now)):
            self._remove(name)
        else:
            self._plan(name, held, at=now + self._retry.delay(held.tried))

    def _remove(self, name: str) -> None:
        del self._held[name]
        self._spent[name] = self._now() + self._remembered

    def _drop_stale(self) -> None:
        while self._planned and not self._is_planned(self._planned[0][2], plan=self._planned[0][1]):
            heapq.heappop(self._planned)
        while self._deadlines and self._deadlines[0][1] not in self._in_progress:
            heapq.heappop(self._deadlines)
