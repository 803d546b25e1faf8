"""The model queue: Cloud Tasks in memory; it says which requests are to be made, and whoever drives it makes them."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from tock.app.execution.execute import Delivery
from tock.core.ids import task_id
from tock.local.cloud_tasks.retry_policy import RetryPolicy
from tock.ports.queue import Task, TickContinuation
from tock.queue.cloud_tasks import LONGEST_DEADLINE, SETTLING, SHORTEST_DEADLINE, TICK_DEADLINE

#: How long the name of a task that is gone cannot be taken again: about an hour (Cloud Tasks, "Task de-duplication").
REMEMBERED = timedelta(hours=1)
#: What the names of further ticks begin with: they have a queue of their own.
TICKS = "ticks/"
#: The number of no plan: a request of the task is under way.
_UNDER_WAY = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is to be made now, and answered until its deadline."""

    number: int
    name: str
    body: Delivery | TickContinuation
    #: Which try of its task it is, from 1.
    tried: int
    deadline: datetime


@dataclass(frozen=True, slots=True)
class _Held:
    body: Delivery | TickContinuation
    #: How long one request may take.
    patience: timedelta
    #: The number of what is planned for it; what was planned before counts no more.
    plan: int
    tried: int = 0
    first: datetime | None = None


class ModelQueue:
    """Keeps Cloud Tasks' promises and no others: each task at its time or later, at least once, in no certain order.

    A request that is not answered well until its deadline is made again, with growing pauses, by the rule of the
    queue's `retry`. A second task of one name has no effect while the first exists, and for `remembered` after it; then
    it is a new one. `duplicate`, `postpone` and `forget` are what a simulation draws.
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
        self._under_way: dict[int, Request] = {}
        self._planned: list[tuple[datetime, int, str]] = []
        self._deadlines: list[tuple[datetime, int]] = []
        self._duplicates: list[tuple[datetime, int, Request]] = []

    async def enqueue(self, task: Task) -> None:
        """Accept the task, unless there is one of its name, or was one lately."""
        name = task_id(project=task.project, run=task.run, attempt=task.attempt, dispatch=task.dispatch)
        body = Delivery(project=task.project, run=task.run, attempt=task.attempt, dispatch=task.dispatch)
        patience = min(max(task.timeout + SETTLING, SHORTEST_DEADLINE), LONGEST_DEADLINE)
        self._accept(name, body=body, at=task.due_at, patience=patience)

    async def continue_tick(self, tick: TickContinuation) -> None:
        """Accept the further tick, unless there is one of its name, or was one lately."""
        self._accept(f"{TICKS}{tick.name}", body=tick, at=self._now(), patience=TICK_DEADLINE)

    @property
    def waiting(self) -> list[str]:
        """The names of the tasks that wait for their time."""
        return [name for _, plan, name in sorted(self._planned) if self._is_planned(name, plan=plan)]

    def next_due(self) -> datetime | None:
        """Return when `due` has something to do next, or None when nothing is to come."""
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
        """Take the answer: the task is done, or tried again; after the deadline nobody listens any more."""
        if self._under_way.pop(request.number, None) is None:
            return
        if ok:
            self._remove(request.name)
        else:
            self._try_again(request.name, now=self._now())

    def duplicate(self, request: Request, *, at: datetime) -> None:
        """Make the request once more at that time; nobody listens to that one's answer."""
        heapq.heappush(self._duplicates, (at, next(self._numbers), request))

    def postpone(self, name: str, *, until: datetime) -> None:
        """Let a task that waits wait until then."""
        held = self._held[name]
        if held.plan == _UNDER_WAY:
            raise LookupError(f"{name} does not wait")
        self._plan(name, held, at=until)

    def forget(self) -> None:
        """Lose every task and every name; what is under way goes on, and is not made again."""
        for lost in (self._held, self._spent, self._under_way, self._planned, self._deadlines, self._duplicates):
            lost.clear()

    def _accept(self, name: str, *, body: Delivery | TickContinuation, at: datetime, patience: timedelta) -> None:
        now = self._now()
        if name in self._held or now < self._spent.get(name, now):
            return
        self._spent.pop(name, None)
        self._plan(name, _Held(body, patience, plan=_UNDER_WAY), at=max(at, now))

    def _plan(self, name: str, held: _Held, *, at: datetime) -> None:
        plan = next(self._numbers)
        self._held[name] = replace(held, plan=plan)
        heapq.heappush(self._planned, (at, plan, name))

    def _is_planned(self, name: str, *, plan: int) -> bool:
        return name in self._held and self._held[name].plan == plan

    def _begin(self, name: str, *, now: datetime) -> Request:
        held = self._held[name]
        held = self._held[name] = replace(held, tried=held.tried + 1, first=held.first or now, plan=_UNDER_WAY)
        request = Request(next(self._numbers), name, held.body, held.tried, now + held.patience)
        self._under_way[request.number] = request
        heapq.heappush(self._deadlines, (request.deadline, request.number))
        return request

    def _expire(self, now: datetime) -> None:
        while self._deadlines and self._deadlines[0][0] <= now:
            deadline, number = heapq.heappop(self._deadlines)
            if (request := self._under_way.pop(number, None)) is not None:
                self._try_again(request.name, now=deadline)

    def _try_again(self, name: str, *, now: datetime) -> None:
        held = self._held[name]
        if self._retry.gives_up(attempts=held.tried, age=now - (held.first or now)):
            self._remove(name)
        else:
            self._plan(name, held, at=now + self._retry.delay(held.tried))

    def _remove(self, name: str) -> None:
        del self._held[name]
        self._spent[name] = self._now() + self._remembered

    def _drop_stale(self) -> None:
        while self._planned and not self._is_planned(self._planned[0][2], plan=self._planned[0][1]):
            heapq.heappop(self._planned)
        while self._deadlines and self._deadlines[0][1] not in self._under_way:
            heapq.heappop(self._deadlines)
