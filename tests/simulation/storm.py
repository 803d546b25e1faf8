"""The storm: instances stand still, are told to end and die, tasks are forgotten, nobody answers, and no ticks come."""

import asyncio
from typing import TYPE_CHECKING

from simulation.cloud import Scheduler, Tasks
from simulation.instance import Instance

if TYPE_CHECKING:
    from simulation.world import World


class Storm:
    """Whatever may happen to a deployment from outside, drawn by the world's dice."""

    def __init__(self, world: "World", *, scheduler: Scheduler, tasks: Tasks) -> None:
        self._world = world
        self._scheduler = scheduler
        self._tasks = tasks

    async def run(self) -> None:
        """Go on for ever."""
        world = self._world
        pace = world.dice.one_of((15.0, 40.0, 120.0))
        while True:
            await asyncio.sleep(world.dice.between(0.0, pace))
            match world.dice.weighted(
                (("stall", 6.0), ("kill", 2.0), ("end", 2.0), ("dark", 1.0), ("no ticks", 0.7), ("tasks", 1.5))
            ):
                case "stall":
                    self._stall()
                case "kill":
                    world.choose(world.dice.one_of(("run", "run", "tick", "api"))).die()
                case "end":
                    self._where_agents_work("run").end()
                case "dark":
                    world.weather.dark_until = world.now() + world.dice.time(1, 40)
                    world.tell("storm", f"nobody answers until {world.weather.dark_until:%H:%M:%S}")
                case "tasks":
                    self._tasks.disturb()
                case _:
                    self._withhold_ticks()

    def _stall(self) -> None:
        world = self._world
        # It may come back when another has begun the next attempt.
        world.stop(self._where_agents_work(world.dice.one_of(("run", "tick"))))

    def _where_agents_work(self, function: str) -> Instance:
        """Return an instance where an agent is at work, or any of the function."""
        world = self._world
        instance = world.choose(function)
        if world.diary.at_work and world.dice.happens(0.6):
            return world.dice.one_of(list(world.diary.at_work)).instance
        return instance

    def _withhold_ticks(self) -> None:
        if self._scheduler.withheld:
            return
        length = self._world.dice.weighted(((120.0, 6.0), (600.0, 2.0), (3 * 3600.0, 0.5)))
        self._world.tell("storm", f"no ticks for {length:.0f} s")
        self._scheduler.withheld = True
        asyncio.get_running_loop().call_later(length, self._scheduler.go_on)
