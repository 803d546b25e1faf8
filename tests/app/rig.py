"""The engine on real parts: the test delivers the tasks of a paused queue and moves the clock."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import anyio
from google.api_core.exceptions import NotFound
from google.cloud.firestore import AsyncClient
from google.cloud.tasks_v2 import CloudTasksAsyncClient, ListTasksRequest
from google.cloud.tasks_v2 import Task as QueuedTask

from app.clocks import SteppedClock
from app.faults import CALLER, CallsInFlight, Crash, Fault, Process, ProcessQueue, ProcessStore
from app.random_source import SeededRandomSource
from app.scripted_executor import ScriptedExecutor
from tock.app.execution.execute import Delivery, Receipt, execute
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.services import Services
from tock.app.tick.tick import tick
from tock.core.agent.agent import Agent
from tock.core.errors import TockError
from tock.core.health.scheduler_state import TickCounters
from tock.core.project import Project
from tock.core.run.run import Run
from tock.core.time.stamp import Stamp
from tock.core.timing import Timing
from tock.core.trigger.trigger import Trigger, TriggerSpec
from tock.ports.changes import Changes, Silence
from tock.ports.prices import NoPrices, Prices
from tock.ports.queue import Queue
from tock.ports.store import Create, RunFilter, Store
from waiting import TIMEOUT

AGENT = "worker"
AUTHOR = "author"
#: For how many turns of the event loop no call may be in flight before all processes count as waiting for the clock.
QUIET_TURNS = 30
#: How many calls may begin or end before that; more are taken for an endless loop.
MAX_STEPS = 100_000
STEP = timedelta(seconds=15)
Ended = Receipt | TockError | Crash


@dataclass
class Rig:
    """A deployment: processes that share one database, one queue and one clock."""

    store: Store
    queue: Queue
    firestore: AsyncClient
    tasks: CloudTasksAsyncClient
    queue_name: str
    clock: SteppedClock
    executor: ScriptedExecutor
    timing: Timing = field(default_factory=Timing)
    changes: Changes = field(default_factory=Silence)
    prices: Prices = field(default_factory=NoPrices)
    calls: CallsInFlight = field(default_factory=CallsInFlight)
    _seeds: int = 0
    _delivering: dict[str, asyncio.Task[Ended]] = field(default_factory=dict)

    def services(self, process: Process | None = None, *, timing: Timing | None = None) -> Services:
        """Return the services of a new process, or of this one, which may have a fault."""
        self._seeds += 1
        process = process or self.process()
        return Services(
            store=cast("Store", ProcessStore(self.store, process=process)),
            queue=ProcessQueue(self.queue, process=process),
            clock=self.clock,
            random=SeededRandomSource(self._seeds),
            timing=timing or self.timing,
            executors={self.executor.kind: self.executor},
            changes=self.changes,
            prices=self.prices,
        )

    def process(self, fault: Fault | None = None, **how: Any) -> Process:
        return Process(self.calls, fault=fault, **how)

    async def create_project(self, project: str, *, agents: Sequence[str] = (AGENT,)) -> str:
        """Create a project with agents of the scripted kind."""
        stamp = Stamp(at=self.clock.now(), by=AUTHOR)
        made = [Agent(project=project, id=agent, kind="scripted", created=stamp, updated=stamp) for agent in agents]
        await self.store.commit([Create(Project(id=project, created=stamp, updated=stamp)), *map(Create, made)])
        return project

    async def create_trigger(
        self, project: str, identifier: str = "t", *, services: Services | None = None, lasts: timedelta, **spec: Any
    ) -> Trigger:
        """Create a trigger that ends after `lasts`; it fires every ten seconds unless `spec` says otherwise."""
        spec = {"agent": AGENT, "schedule": {"every": "10s"}, "end": self.clock.present + lasts} | spec
        wanted = TriggerSpec.model_validate(spec)
        return await create_trigger(
            services or self.services(), project=project, identifier=identifier, spec=wanted, by=AUTHOR
        )

    async def tick(self, services: Services | None = None) -> TickCounters:
        return await tick(services or self.services())

    async def waiting(self) -> list[QueuedTask]:
        """Return the tasks in the queue."""
        request = ListTasksRequest(parent=self.queue_name, response_view=QueuedTask.View.FULL, page_size=1000)
        return [task async for task in await self.tasks.list_tasks(request=request)]

    async def deliver(self, services: Services | None = None) -> list[asyncio.Task[Ended]]:
        """Start to deliver every due task that is not being delivered; return once all processes wait for the clock."""
        begun = []
        for task in await self.waiting():
            if cast("datetime", task.schedule_time) <= self.clock.present and task.name not in self._delivering:
                delivery = Delivery.model_validate_json(task.http_request.body)
                self._delivering[task.name] = asyncio.create_task(self._carry_out(task.name, delivery, services))
                begun.append(self._delivering[task.name])
        await self.quiet()
        return begun

    async def execute(self, delivery: Delivery, *, services: Services | None = None) -> Ended:
        """Execute one delivery; return its receipt, or the TockError or Crash that ended it."""
        try:
            return await execute(services or self.services(), delivery)
        except TockError as error:
            return error
        except BaseException as error:
            if (crash := _crash_in(error)) is None:
                raise
            return crash

    async def _carry_out(self, name: str, delivery: Delivery, services: Services | None) -> Ended:
        try:
            ended = await self.execute(delivery, services=services)
            again = isinstance(ended, TockError) or (isinstance(ended, Receipt) and ended.deliver_again)
            if not again:
                with suppress(NotFound):
                    await self.calls.make(self.tasks.delete_task(name=name))
            return ended
        finally:
            del self._delivering[name]

    async def attempt(self, call: Awaitable[Any]) -> Any:
        """Return what the call returned, or the TockError or Crash that ended it.

        The requests that it sent have ended by then, even if it crashed after sending them. It never waits for the
        requests of others, since those may be other attempts that run beside this one.
        """
        caller = object()
        before = CALLER.set(caller)
        try:
            return await call
        except TockError as error:
            return error
        except BaseException as error:
            if (crash := _crash_in(error)) is None:
                raise
            return crash
        finally:
            CALLER.reset(before)
            await self._until_calls_end(caller)

    async def quiet(self) -> None:
        """Return once no call is in flight: every process waits for the clock, or for `release`."""
        await self._until_calls_end()

    async def _until_calls_end(self, caller: object = None) -> None:
        """Return once no call, of this caller or of anybody, has been in flight for QUIET_TURNS turns of the loop.

        Raises TimeoutError if no call begins or ends for TIMEOUT seconds, or if there is no end to them. The total time
        has no bound: on a slow machine it may be long although nothing hangs.
        """
        turns, steps, since = 0, self.calls.steps, time.monotonic()
        first = steps
        while turns < QUIET_TURNS:
            # A schema is held against a result in a thread.
            in_thread = anyio.to_thread.current_default_thread_limiter().borrowed_tokens > 0
            in_flight = self.calls.any(caller) or in_thread
            await asyncio.sleep(0.001 if in_flight else 0)
            turns = 0 if in_flight else turns + 1
            if self.calls.steps != steps:
                steps, since = self.calls.steps, time.monotonic()
            elif time.monotonic() - since > TIMEOUT:
                raise TimeoutError(f"no call began or ended for {TIMEOUT:g} s")
            if steps - first > MAX_STEPS:
                raise TimeoutError(f"{steps - first} calls began or ended, and there is no end to them")

    async def advance(self, by: timedelta) -> None:
        """Move the clock. Whoever wakes on the way does what they have to do before the clock moves on."""
        end = self.clock.present + by
        while (waking := self.clock.next_waking) is not None and waking <= end:
            self.clock.move(waking)
            await self.quiet()
        self.clock.move(end)
        await self.quiet()

    async def recover(self, *, project: str | None = None, within: timedelta = timedelta(hours=1)) -> None:
        """Tick and deliver as a healthy deployment does until every run has ended and no trigger will fire.

        If a project is named, only its runs and triggers count. Raises AssertionError if it takes longer than `within`.
        """
        end = self.clock.present + within
        while self.clock.present < end:
            await self.tick()
            for _ in range(4):
                await self.deliver()
                await self.advance(STEP)
            if not await self.unfinished(project):
                return
        raise AssertionError(f"still unfinished after {within}: {await self.unfinished(project)}")

    async def unfinished(self, project: str | None = None) -> list[str]:
        """Return the triggers that will fire and the runs that have not ended, of one project or of all."""
        triggers = await self.triggers() if project is None else await self.triggers_of(project)
        left = [f"trigger {trigger.id}" for trigger in triggers if trigger.next_run_at is not None]
        return left + [f"run {run.id} {run.status}" for run in await self.runs(project) if not run.status.terminal]

    async def triggers(self) -> list[Trigger]:
        return [trigger for project in await self.projects() for trigger in await self.triggers_of(project)]

    async def triggers_of(self, project: str) -> list[Trigger]:
        found: list[Trigger] = []
        token: str | None = None
        while True:
            page = await self.store.triggers(project, limit=100, token=token)
            found += page.items
            if (token := page.next_token) is None:
                return found

    async def projects(self) -> list[str]:
        return [project.id for project in (await self.store.projects(limit=1000, token=None)).items]

    async def runs(self, project: str | None = None) -> list[Run]:
        """Return every stored run, of one project or of all, in the order of their fire times."""
        found: list[Run] = []
        for name in [project] if project is not None else await self.projects():
            token: str | None = None
            while True:
                page = await self.store.runs(name, matching=RunFilter(), limit=500, token=token)
                found += page.items
                if (token := page.next_token) is None:
                    break
        return sorted(found, key=lambda run: run.scheduled_for)

    async def run(self, run: Run) -> Run:
        """Return the run as it is stored now."""
        found = await self.store.run(run.project, run.id)
        assert found is not None
        return found.value

    async def locks(self, project: str | None = None) -> list[dict[str, Any]]:
        """Return every stored lock, of one project or of all."""
        if project is None:
            found = self.firestore.collection_group("locks").stream()
        else:
            found = self.firestore.collection("projects", project, "locks").stream()
        return [lock.to_dict() or {} async for lock in found]

    async def close(self) -> None:
        """Cancel the deliveries that have not ended, so that nothing outlives the test."""
        left = list(self._delivering.values())
        for task in left:
            task.cancel()
        while any(not task.done() for task in left):
            # A cancellation needs some turns of the loop to pass through all tasks.
            for _ in range(QUIET_TURNS):
                await asyncio.sleep(0)
            if (waking := self.clock.next_waking) is not None:
                self.clock.move(waking)


def receipt_of(runner: asyncio.Task[Ended]) -> Ended:
    """Return how a delivery ended, which must have ended by now."""
    assert runner.done(), "the delivery has not ended"
    return runner.result()


def delivery_of(run: Run) -> Delivery:
    """Return the delivery of the run's current attempt and dispatch."""
    return Delivery(project=run.project, run=run.id, attempt=run.attempt, dispatch=run.dispatch)


def _crash_in(error: BaseException) -> Crash | None:
    if isinstance(error, Crash):
        return error
    if isinstance(error, BaseExceptionGroup):
        crashes = error.subgroup(Crash)
        others = error.subgroup(lambda inner: not isinstance(inner, (Crash, BaseExceptionGroup)))
        if crashes is not None and others is None:
            return Crash(str(error))
    return None
