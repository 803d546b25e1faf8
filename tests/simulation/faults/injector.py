"""The faults that come from outside: stalls, kills, SIGTERM, outages of the store and queue, lost tasks, no ticks."""

import asyncio
from typing import TYPE_CHECKING

from simulation.cloud import Scheduler, Tasks
from simulation.instance import Instance

if TYPE_CHECKING:
    from simulation.world import World


class FaultInjector:
    """Injects faults into the instances, the network, Cloud Scheduler and Cloud Tasks, at random times."""

    def __init__(self, world: "World", *, scheduler: Scheduler, tasks: Tasks) -> None:
        self._world = world
        self._scheduler = scheduler
        self._tasks = tasks

    async def run(self) -> None:
        """Run until cancelled."""
        world = self._world
        pace = world.random.one_of((15.0, 40.0, 120.0))
        while True:
            await asyncio.sleep(world.random.between(0.0, pace))
            match world.random.weighted(
                (
                    ("stall", 6.0),
                    ("kill", 2.0),
                    ("sigterm", 2.0),
                    ("outage", 1.0),
                    ("no ticks", 0.7),
                    ("tasks", 1.5),
                    ("no deliveries", 0.7),
                )
            ):
                case "stall":
                    self._stall()
                case "kill":
                    world.choose(world.random.one_of(("run", "run", "tick", "api"))).kill()
                case "sigterm":
                    self._with_an_agent("run").send_sigterm()
                case "outage":
                    world.network_faults.unreachable_until = world.now() + world.random.time(1, 40)
                    world.record(
                        "faults",
                        f"store and queue do not answer until {world.network_faults.unreachable_until:%H:%M:%S}",
                    )
                case "tasks":
                    self._tasks.disturb()
                case "no deliveries":
                    self._tasks.stop(seconds=world.random.one_of((90.0, 240.0, 900.0)))
                case _:
                    self._pause_ticks()

    def _stall(self) -> None:
        world = self._world
        # It may resume after another instance has started the next attempt.
        world.stall(self._with_an_agent(world.random.one_of(("run", "tick"))))

    def _with_an_agent(self, function: str) -> Instance:
        """Return an instance on which an agent works, or any instance of the function."""
        world = self._world
        instance = world.choose(function)
        if world.work_log.in_progress and world.random.happens(0.6):
            return world.random.one_of(list(world.work_log.in_progress)).instance
        return instance

    def _pause_ticks(self) -> None:
        if self._scheduler.paused:
            return
        length = self._world.random.weighted(((120.0, 6.0), (600.0, 2.0), (3 * 3600.0, 0.5)))
        self._world.record("faults", f"no ticks for {length:.0f} s")
        self._scheduler.paused = True
        asyncio.get_running_loop().call_later(length, self._scheduler.resume)
