"""The store, the queue and the clock as one instance sees them: each call takes processor time and waits for quotas."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crowd.costs import Costs
from crowd.deliveries import Deliveries
from crowd.firestore import LATENCY, TIMEOUT, Firestore, Key, run_fields
from crowd.function import Instance
from crowd.timeline import Timeline
from crowd.triggers import DUE, Crowd
from simulation.seeded_random import SeededRandom
from tock.app.services import Services
from tock.core.errors import CommitConflict, QueueUnavailable, StoreUnavailable
from tock.core.health.scheduler_state import SchedulerState
from tock.core.project import Project
from tock.core.run.run import Run
from tock.core.time.stamp import Stamp
from tock.core.timing import Timing
from tock.core.trigger.trigger import Trigger
from tock.ports.queue import Task, TickContinuation
from tock.ports.store import Change, Create, DuePage, Page, Versioned, Write


@dataclass(frozen=True)
class Cloud:
    """What all instances share; `now` is the virtual time."""

    crowd: Crowd
    firestore: Firestore
    deliveries: Deliveries
    timeline: Timeline
    costs: Costs
    timing: Timing
    random: SeededRandom
    now: Callable[[], datetime]
    #: The runs that were committed and have no task yet, by id.
    without_task: dict[str, Run] = field(default_factory=dict)

    def services(self, instance: Instance) -> Services:
        """Return the services of an instance of `tick`."""
        store: Any = CountingStore(self, instance)
        queue = CountingQueue(self, instance)
        return Services(store=store, queue=queue, clock=_Clock(self), random=self.random, timing=self.timing)


class CountingStore:
    """The part of the store that a tick uses, over triggers that are numbers; of runs it keeps those without a task.

    So a sweep finds what a tick left that died. Of a crowd it would also find runs that wait for their delivery, and
    send some thousand of them a second task each minute.
    """

    def __init__(self, cloud: Cloud, instance: Instance) -> None:
        self._cloud = cloud
        self._instance = instance

    async def due_triggers(
        self,
        *,
        until: datetime,
        limit: int,
        cursor: int | None = None,
        shards: Sequence[int] | None = None,
        project: str | None = None,
    ) -> DuePage:
        """Return triggers that are due and not claimed, in the order of their names."""
        crowd = self._cloud.crowd
        numbers: list[int] = []
        if until >= DUE:
            queried = range(self._cloud.timing.shards) if shards is None else shards
            after = -1 if cursor is None else cursor
            numbers = crowd.due(shards=queried, project=project, after=after, limit=limit)
        await self._take(self._cloud.costs.query + len(numbers) * self._cloud.costs.read)
        triggers = tuple(Versioned(crowd.trigger(number), version=1) for number in numbers)
        return DuePage(triggers=triggers, cursor=numbers[-1] if len(numbers) == limit else None)

    async def due_count(self, *, until: datetime, most: int) -> int:
        """Return how many triggers are due at `until` and not claimed, counting to `most`."""
        await self._take(self._cloud.costs.query)
        return min(self._cloud.crowd.left, most) if until >= DUE else 0

    async def commit(self, writes: Sequence[Write]) -> int:
        """Claim the triggers of these changes and keep their runs, or do none of it."""
        claims = [write.after for write in writes if isinstance(write, Change) and isinstance(write.after, Trigger)]
        counts = Counter(self._ranges(writes))
        await self._take(len(claims) * self._cloud.costs.commit)
        loop, firestore = asyncio.get_running_loop(), self._cloud.firestore
        if (wait := firestore.wait(counts, now=loop.time())) > TIMEOUT:
            await asyncio.sleep(TIMEOUT)
            raise StoreUnavailable("no answer to a commit")
        numbers = [_number(trigger) for trigger in claims]
        if any(self._cloud.crowd.is_claimed(number) for number in numbers):
            raise CommitConflict("a trigger was claimed")
        for number in numbers:
            self._cloud.crowd.claim(number)
        for run in map(_run, writes):
            if run is not None:
                self._cloud.without_task[run.id] = run
        firestore.take(counts, now=loop.time())
        # The caller may be gone before that.
        self._cloud.timeline.claimed(len(numbers), at=self._cloud.now() + timedelta(seconds=wait))
        await asyncio.sleep(wait)
        return 1

    async def projects(self, *, limit: int, token: str | None) -> Page[Project]:
        """Return projects by id."""
        projects = self._cloud.crowd.projects
        first = 0 if token is None else int(token)
        shown = projects[first : first + limit]
        await self._take(self._cloud.costs.query + len(shown) * self._cloud.costs.read)
        stamp = Stamp(at=DUE, by="crowd")
        items = tuple(Project(id=each, created=stamp, updated=stamp) for each in shown)
        return Page(items=items, next_token=str(first + limit) if first + limit < len(projects) else None)

    async def trigger(self, _project: str, trigger: str) -> Versioned[Trigger]:
        """Return a trigger as it is now."""
        await self._take(self._cloud.costs.query)
        number = int(trigger[1:])
        return Versioned(self._cloud.crowd.trigger(number), version=1 + self._cloud.crowd.is_claimed(number))

    async def run(self, _project: str, _run: str) -> None:
        """Return no run: whoever asks looks whether it lost a claim, and it did."""
        await self._take(self._cloud.costs.query)

    async def overdue_runs(self, *, until: datetime, limit: int) -> Sequence[Any]:
        """Return the runs without a task whose `check_at` has come."""
        await self._take(self._cloud.costs.query)
        runs = self._cloud.without_task.values()
        overdue = [Versioned(run, version=1) for run in runs if run.check_at is not None and run.check_at <= until]
        return overdue[:limit]

    async def scheduler(self) -> SchedulerState | None:
        """Return no state."""
        return None

    async def record_tick(self, _state: SchedulerState) -> None:
        """Keep no state."""
        await self._take(self._cloud.costs.query)

    def _ranges(self, writes: Sequence[Write]) -> list[Key]:
        ranges: list[Key] = []
        for write in writes:
            match write:
                case Change(after=Trigger() as trigger):
                    changed = {"next_run_at"}
                    fields: dict[str, Any] = {"shard": trigger.shard, "next_run_at": trigger.next_run_at}
                    fields["agent"] = trigger.agent
                    ranges += self._cloud.firestore.ranges("triggers", trigger.project, fields, changed=changed)
                case Create(value=Run() as run):
                    fields = run_fields(run.shard, status="queued")
                    ranges += self._cloud.firestore.ranges("runs", run.project, fields, changed=fields)
                case Change(after=Run() as run):
                    fields = run_fields(run.shard, status="queued")
                    ranges += self._cloud.firestore.ranges("runs", run.project, fields, changed={"check_at"})
        return ranges

    async def _take(self, seconds: float) -> None:
        done = self._instance.work(seconds, now=asyncio.get_running_loop().time())
        await asyncio.sleep(done + LATENCY)


class CountingQueue:
    """The queue as a tick sees it."""

    def __init__(self, cloud: Cloud, instance: Instance) -> None:
        self._cloud = cloud
        self._instance = instance

    async def enqueue(self, tasks: Sequence[Task]) -> Mapping[Task, QueueUnavailable]:
        """Accept the tasks of runs, beside each other."""
        await asyncio.gather(*map(self._accept, tasks))
        return {}

    async def _accept(self, task: Task) -> None:
        done = self._instance.work(self._cloud.costs.enqueue, now=asyncio.get_running_loop().time())
        wait = self._cloud.deliveries.creation_wait()
        await asyncio.sleep(done + wait + LATENCY)
        if self._cloud.without_task.pop(task.run, None) is not None:
            self._cloud.deliveries.accept(task, now=self._cloud.now())

    async def continue_tick(self, tick: TickContinuation) -> None:
        """Accept the continuation."""
        await asyncio.sleep(LATENCY)
        self._cloud.deliveries.continue_tick(tick)


class _Clock:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def now(self) -> datetime:
        return self._cloud.now()

    async def sleep(self, length: timedelta) -> None:
        await asyncio.sleep(length.total_seconds())


def _run(write: Write) -> Run | None:
    match write:
        case Create(value=Run() as run) | Change(after=Run() as run):
            return run
    return None


def _number(trigger: Trigger) -> int:
    return int(trigger.id[1:])
