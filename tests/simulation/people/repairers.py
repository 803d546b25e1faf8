"""People who ask for the stuck runs of a project and have them repaired, as `tock doctor --repair` does."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.seeded_random import SeededRandom
from tock.app.tick.stuck_runs import repair_stuck

if TYPE_CHECKING:
    from simulation.world import World


@dataclass
class Repairers:
    """The people who repair, at any time, also two at once and while a sweep repairs the same runs."""

    world: "World"
    random: SeededRandom

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await asyncio.sleep(self.random.between(0.0, 120.0))
            project = self.random.one_of(self.world.projects)
            self.world.record("repairers", f"repair {project}")
            for _ in range(self.random.whole(1, 2)):
                instance = self.world.choose("api")
                instance.spawn(repair_stuck(instance.services, project=project), name=f"repair {project}")
