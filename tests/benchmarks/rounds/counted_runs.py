"""What each kind of run costs in Firestore operations and tasks, counted while it runs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from google.cloud.tasks_v2 import ListTasksRequest, Task

from benchmarks.instruments.operation_counter import OperationCounter
from benchmarks.load.adjustable_clock import AdjustableClock
from benchmarks.load.seeding import a_trigger, create_agent
from benchmarks.stack.deployment import Deployment, deployed
from benchmarks.stack.emulators import Emulators
from tock.app.execution.execute import Delivery, Receipt, execute
from tock.app.tick.tick import tick
from tock.core.schedule.schedule import IntervalSchedule
from tock.core.timing import Timing
from tock.ports.store import Create

KINDS = ("reads", "writes", "deletes", "tasks")
#: An interval longer than the look-ahead: a tick claims one run of each trigger.
_SELDOM = timedelta(minutes=10)
#: An interval shorter than the look-ahead: a tick claims two runs of each trigger.
_OFTEN = timedelta(minutes=1)
#: How long before its fire time a run is claimed, as by the ticks of a deployment: less than the look-ahead.
_AHEAD = timedelta(minutes=1)
#: The first retry comes after a minute and at most 30 % more.
_RETRY = timedelta(seconds=80)
#: What a tick costs whatever is due: a count, a query that finds nothing overdue, and the scheduler state.
_FIXED = Counter(count_reads=1, empty_reads=1, state_writes=1)
#: A lease longer than the clock moves while an agent works, and no heartbeat in between.
_LONG_LEASE = Timing(lease=timedelta(minutes=30), heartbeat=timedelta(minutes=10))
_SHORT_LEASE = Timing(lease=timedelta(seconds=15), heartbeat=timedelta(seconds=3))
Costs = Mapping[str, float]


async def idle_tick(running: Emulators) -> Costs:
    """Return what a tick costs however many triggers are due."""
    async with _counted(running) as counted:
        counts = await counted.tick()
    return _share(counts, 1)


async def ordinary(running: Emulators, *, overlap: str, runs: int) -> tuple[Costs, Costs]:
    """Return what a run costs whose trigger has run before: its share of the tick, and its execution."""
    async with _counted(running) as counted:
        await counted.create(runs, every=_SELDOM, overlap=overlap)
        await counted.tick()
        await counted.execute(await counted.deliveries())
        counted.clock.ahead += _SELDOM - _AHEAD
        ticked = await counted.tick()
        counted.clock.ahead += _AHEAD
        await counted.execute(await counted.deliveries())
        return _share(_without_fixed(ticked), runs), _share(counted.counter.take(), runs)


async def retried(running: Emulators, *, runs: int) -> Costs:
    """Return what both attempts of a run cost together whose first attempt fails."""
    async with _counted(running, agent="flaky") as counted:
        await counted.create(runs, every=_SELDOM, overlap="skip")
        for _ in range(2):
            await counted.tick()
            await counted.execute(await counted.deliveries())
            counted.clock.ahead += _RETRY
            await counted.execute(await counted.deliveries())
            counted.clock.ahead += _SELDOM - _RETRY
        return _share(counted.counter.take(), runs)


async def long(running: Emulators, *, runs: int, heartbeats: int) -> Costs:
    """Return what the execution of a run costs that lasts this many heartbeats."""
    async with _counted(running, agent="slow", timing=_SHORT_LEASE) as counted:
        # It ends halfway between two heartbeats, so that a slow machine has time to spare.
        seconds = (heartbeats + 0.5) * _SHORT_LEASE.heartbeat.total_seconds()
        await counted.create(runs, every=_SELDOM, overlap="skip", input={"payload": {"seconds": seconds}})
        for _ in range(2):
            await counted.tick()
            await counted.execute(await counted.deliveries())
            counted.clock.ahead += _SELDOM
        return _share(counted.counter.take(), runs)


async def queued(running: Emulators, *, runs: int, seconds: float) -> Costs:
    """Return what the executions of two runs cost together if the second is held until the first has ended."""
    async with _counted(running, agent="slow", timing=_LONG_LEASE) as counted:
        await counted.create(runs, every=_OFTEN, overlap="queue", input={"payload": {"seconds": seconds}})
        for _ in range(2):
            await counted.tick()
            tasks = await counted.deliveries()
            first, second = tasks[:runs], tasks[runs:]
            working = asyncio.create_task(counted.execute(first))
            await asyncio.sleep(seconds / 2)
            counted.clock.ahead += _OFTEN
            await counted.execute(second, receipt=Receipt.NOT_STARTED)
            await working
            await counted.execute(await counted.deliveries())
            counted.clock.ahead += _OFTEN
        return _share(counted.counter.take(), runs)


@dataclass(frozen=True, slots=True)
class _Counted:
    deployment: Deployment
    counter: OperationCounter
    clock: AdjustableClock

    async def create(self, count: int, *, every: timedelta, **spec: Any) -> None:
        """Create triggers that are due now and at this interval."""
        now = self.clock.now()
        schedule = IntervalSchedule(every=every, anchor=now)
        made = [
            a_trigger(self.deployment, f"t{number}", next_run_at=now, schedule=schedule, **spec)
            for number in range(count)
        ]
        await self.deployment.services.store.commit([Create(trigger) for trigger in made])

    async def tick(self) -> Counter[str]:
        """Return the operations of one tick."""
        self.counter.take()
        counters = await tick(self.deployment.services)
        if counters.rescued or counters.failed:
            raise RuntimeError(f"a tick rescued runs or failed: {counters}")
        return self.counter.take()

    async def deliveries(self) -> list[Delivery]:
        """Take all tasks out of the queue; return them in the order of their times."""
        request = ListTasksRequest(parent=self.deployment.queue, response_view=Task.View.FULL, page_size=1000)
        tasks = [task async for task in await self.deployment.tasks.list_tasks(request=request)]
        await asyncio.gather(*(self.deployment.tasks.delete_task(name=task.name) for task in tasks))
        due = sorted(tasks, key=lambda task: cast("datetime", task.schedule_time))
        return [Delivery.model_validate_json(task.http_request.body) for task in due]

    async def execute(self, deliveries: Sequence[Delivery], *, receipt: Receipt = Receipt.SETTLED) -> None:
        """Execute them all at once. Raises RuntimeError if one has another receipt."""
        receipts = await asyncio.gather(*(execute(self.deployment.services, delivery) for delivery in deliveries))
        if not receipts or set(receipts) != {receipt}:
            raise RuntimeError(f"receipts: {Counter(receipts)}")


@asynccontextmanager
async def _counted(
    running: Emulators, *, agent: str = "trivial", timing: Timing | None = None
) -> AsyncIterator[_Counted]:
    counter, clock = OperationCounter(), AdjustableClock()
    async with deployed(running, clock=clock, timing=timing, interceptors=counter.interceptors) as deployment:
        await create_agent(deployment, function=agent)
        counter.take()
        yield _Counted(deployment=deployment, counter=counter, clock=clock)


def _without_fixed(counts: Counter[str]) -> Counter[str]:
    """Return the operations of a tick without those that it makes whatever is due."""
    return counts - _FIXED


def _share(counts: Counter[str], runs: int) -> Costs:
    other_reads = counts["empty_reads"] + counts["count_reads"]
    whole = counts + Counter(reads=other_reads, writes=counts["state_writes"])
    return {kind: whole[kind] / runs for kind in KINDS}
