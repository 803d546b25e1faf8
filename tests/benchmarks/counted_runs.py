"""Runs of several kinds, carried out on a site whose RPCs are counted, and what each kind costs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from google.cloud.tasks_v2 import ListTasksRequest, Task

from benchmarks.bill import Bill
from benchmarks.emulators import Emulators
from benchmarks.leaping_clock import LeapingClock
from benchmarks.seeding import a_trigger, create_agent
from benchmarks.site import Site, opened
from tock.app.execution.execute import Delivery, Receipt, execute
from tock.app.tick.tick import tick
from tock.core.schedule.schedule import IntervalSchedule
from tock.core.timing import Timing
from tock.ports.store import Create

KINDS = ("reads", "writes", "deletes", "tasks")
#: Beyond the look-ahead, so that a tick claims one run of each trigger.
_SELDOM = timedelta(minutes=10)
#: Within it, so that a tick claims two.
_OFTEN = timedelta(minutes=1)
#: The first retry comes after a minute and at most 30 % more.
_RETRY = timedelta(seconds=80)
#: What a tick costs beside what is due: a query that finds nothing overdue, and its own state.
_FIXED = Counter(empty_reads=1, state_writes=1)
#: Longer than the leaps of the clock while an agent works; no heartbeat comes between.
_LONG_LEASE = Timing(lease=timedelta(minutes=30), heartbeat=timedelta(minutes=10))
_SHORT_LEASE = Timing(lease=timedelta(seconds=15), heartbeat=timedelta(seconds=3))
Costs = Mapping[str, float]


async def idle_tick(running: Emulators) -> Costs:
    """What a tick costs however many triggers are due."""
    async with _counted(running) as counted:
        bill = await counted.tick()
    return _share(bill, 1)


async def ordinary(running: Emulators, *, overlap: str, runs: int) -> tuple[Costs, Costs]:
    """What a run costs whose trigger ran before: its share of the tick, and its execution."""
    async with _counted(running) as counted:
        await counted.create(runs, every=_SELDOM, overlap=overlap)
        await counted.tick()
        await counted.execute(await counted.deliveries())
        counted.clock.ahead += _SELDOM
        ticked = await counted.tick()
        await counted.execute(await counted.deliveries())
        return _share(_without_fixed(ticked), runs), _share(counted.bill.taken(), runs)


async def retried(running: Emulators, *, runs: int) -> Costs:
    """What the execution of a run costs that fails once, both attempts together."""
    async with _counted(running, agent="flaky") as counted:
        await counted.create(runs, every=_SELDOM, overlap="skip")
        for _ in range(2):
            await counted.tick()
            await counted.execute(await counted.deliveries())
            counted.clock.ahead += _RETRY
            await counted.execute(await counted.deliveries())
            counted.clock.ahead += _SELDOM - _RETRY
        return _share(counted.bill.taken(), runs)


async def long(running: Emulators, *, runs: int, heartbeats: int) -> Costs:
    """What the execution of a run costs that lasts this many heartbeats."""
    async with _counted(running, agent="slow", timing=_SHORT_LEASE) as counted:
        # It ends in the middle between two heartbeats: on a slow machine a second or so later.
        seconds = (heartbeats + 0.5) * _SHORT_LEASE.heartbeat.total_seconds()
        await counted.create(runs, every=_SELDOM, overlap="skip", input={"payload": {"seconds": seconds}})
        for _ in range(2):
            await counted.tick()
            await counted.execute(await counted.deliveries())
            counted.clock.ahead += _SELDOM
        return _share(counted.bill.taken(), runs)


async def queued(running: Emulators, *, runs: int, seconds: float) -> Costs:
    """What the executions of two runs cost together, of which the second is held until the first has settled."""
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
        return _share(counted.bill.taken(), runs)


@dataclass(frozen=True, slots=True)
class _Counted:
    site: Site
    bill: Bill
    clock: LeapingClock

    async def create(self, count: int, *, every: timedelta, **spec: Any) -> None:
        """Create triggers that are due now, and again and again after this time."""
        now = self.clock.now()
        schedule = IntervalSchedule(every=every, anchor=now)
        made = [
            a_trigger(self.site, f"t{number}", next_run_at=now, schedule=schedule, **spec) for number in range(count)
        ]
        await self.site.services.store.commit([Create(trigger) for trigger in made])

    async def tick(self) -> Counter[str]:
        """Return the bill of a tick alone; what came before is forgotten."""
        self.bill.taken()
        counters = await tick(self.site.services)
        if counters.rescued or counters.failed:
            raise RuntimeError(f"a tick met what should not be there: {counters}")
        return self.bill.taken()

    async def deliveries(self) -> list[Delivery]:
        """The tasks in the queue in the order of their time; they are taken out of it."""
        request = ListTasksRequest(parent=self.site.queue, response_view=Task.View.FULL, page_size=1000)
        tasks = [task async for task in await self.site.tasks.list_tasks(request=request)]
        await asyncio.gather(*(self.site.tasks.delete_task(name=task.name) for task in tasks))
        due = sorted(tasks, key=lambda task: cast("datetime", task.schedule_time))
        return [Delivery.model_validate_json(task.http_request.body) for task in due]

    async def execute(self, deliveries: Sequence[Delivery], *, receipt: Receipt = Receipt.SETTLED) -> None:
        """Execute them all at once."""
        receipts = await asyncio.gather(*(execute(self.site.services, delivery) for delivery in deliveries))
        if not receipts or set(receipts) != {receipt}:
            raise RuntimeError(f"deliveries came to something else: {Counter(receipts)}")


@asynccontextmanager
async def _counted(
    running: Emulators, *, agent: str = "trivial", timing: Timing | None = None
) -> AsyncIterator[_Counted]:
    bill, clock = Bill(), LeapingClock()
    async with opened(running, clock=clock, timing=timing, interceptors=bill.interceptors) as site:
        await create_agent(site, function=agent)
        bill.taken()
        yield _Counted(site=site, bill=bill, clock=clock)


def _without_fixed(bill: Counter[str]) -> Counter[str]:
    """What remains of the bill of a tick that found something due; a query that each run makes in vain remains too."""
    return bill - _FIXED


def _share(bill: Counter[str], runs: int) -> Costs:
    whole = bill + Counter(reads=bill["empty_reads"], writes=bill["state_writes"])
    return {kind: whole[kind] / runs for kind in KINDS}
