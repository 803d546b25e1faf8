"""Simulate one crowd: the real `tick` on counting parts, within the quotas, from 15 minutes before it is due."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crowd.costs import Costs
from crowd.deliveries import Agent, Deliveries
from crowd.firestore import Firestore
from crowd.function import Function, Instance
from crowd.quotas import QUEUE_DELIVERIES, QUEUE_DISPATCHES, Rate
from crowd.services import Cloud
from crowd.timeline import Timeline
from crowd.triggers import DUE, Crowd
from simulation.loop import run_virtually
from simulation.seeded_random import SeededRandom
from tock.app.tick.tick import tick
from tock.core.errors import TockError
from tock.core.timing import Timing
from tock.ports.queue import TickContinuation

#: How long before the triggers are due the simulation begins, and how long it lasts at most.
LEAD, LONGEST = timedelta(minutes=15), timedelta(hours=6)
#: Cloud Run ends a request of `tick` after this many seconds (infra/functions.tf).
TICK_TIMEOUT = 60.0
#: How often Cloud Tasks tries a continuation, and how many seconds pass after the first try (infra/queues.tf).
TICK_ATTEMPTS, TICK_BACKOFF = 3, 2.0


@dataclass(frozen=True)
class Deployment:
    """A crowd, and the variables of `infra/` that decide how fast it is claimed and started."""

    triggers: int
    projects: int = 1
    shards: int = 64
    tick_instances: int = 64
    tick_concurrency: int = 1
    tick_dispatches: float = 64.0
    run_queues: int = 40
    run_deliveries: int = QUEUE_DELIVERIES
    run_instances: int = 2_000
    run_concurrency: int = 100
    #: Whether Firestore and the queues have carried such a crowd before, so that their ramps have been climbed.
    warm: bool = True
    agent: Agent = field(default_factory=lambda: Agent(seconds=30.0, heartbeat=10.0))
    costs: Costs = field(default_factory=Costs)


def simulate(deployment: Deployment) -> Timeline:
    """Return when the runs of the crowd were claimed and started."""
    logged = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        timeline: Timeline = run_virtually(_Simulation(deployment).run())
    finally:
        logging.disable(logged)
    return timeline


class _Simulation:
    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._timeline = Timeline()
        self._tick_function = Function(deployment.tick_instances, deployment.tick_concurrency)
        self._run_function = Function(deployment.run_instances, deployment.run_concurrency)
        firestore = Firestore(warm=deployment.warm)
        deliveries = Deliveries(
            function=self._run_function,
            firestore=firestore,
            timeline=self._timeline,
            costs=deployment.costs,
            agent=deployment.agent,
            shards=deployment.shards,
            queues=deployment.run_queues,
            dispatches=QUEUE_DISPATCHES,
            most_at_once=deployment.run_deliveries,
            group=Rate(float("inf"), ramp=not deployment.warm),
            now=_now,
            call_tick=self._continue,
            tick_dispatches=deployment.tick_dispatches,
        )
        self._cloud = Cloud(
            crowd=Crowd(deployment.triggers, projects=deployment.projects, shards=deployment.shards),
            firestore=firestore,
            deliveries=deliveries,
            timeline=self._timeline,
            costs=deployment.costs,
            timing=Timing(shards=deployment.shards),
            random=SeededRandom(0),
            now=_now,
        )
        self._calls: set[asyncio.Task[None]] = set()

    async def run(self) -> Timeline:
        """Run until every trigger is claimed and every run has started."""
        loop = asyncio.get_running_loop()
        always = [self._scheduler(), self._cloud.deliveries.run()]
        always += [self._tick_function.autoscale(), self._run_function.autoscale()]
        tasks = [loop.create_task(each) for each in always]
        while self._timeline.starts.total() < self._deployment.triggers:
            await asyncio.sleep(1.0)
            if loop.time() > LONGEST.total_seconds():
                break
            for task in tasks:
                if task.done():
                    task.result()
        return self._timeline

    async def _scheduler(self) -> None:
        """Call the minute's tick, one call at a time, as Cloud Scheduler does."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(60 - loop.time() % 60 + 0.5)
            await self._call(None)

    def _continue(self, continuation: TickContinuation) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(continuation))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _deliver(self, continuation: TickContinuation) -> None:
        for tried in range(TICK_ATTEMPTS):
            if await self._call(continuation):
                return
            await asyncio.sleep(TICK_BACKOFF * 2**tried)

    async def _call(self, continuation: TickContinuation | None) -> bool:
        """Call `tick`; return whether it answered in time."""
        admitted: asyncio.Future[Instance | None] = asyncio.get_running_loop().create_future()
        self._tick_function.request(admitted.set_result)
        if (instance := await admitted) is None:
            return False
        services = self._cloud.services(instance)
        try:
            if continuation is None:
                await asyncio.wait_for(tick(services), TICK_TIMEOUT)
            else:
                await asyncio.wait_for(tick(services, shards=continuation.shards, name=continuation.name), TICK_TIMEOUT)
        except (TimeoutError, TockError):
            return False
        finally:
            self._tick_function.release(instance)
        return True


def _now() -> datetime:
    return DUE - LEAD + timedelta(seconds=round(asyncio.get_running_loop().time(), 6))
