"""People who run commands in the workspaces of runs, also of those that are still at work."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.agents import Work
from simulation.invariants.violation import require
from simulation.seeded_random import SeededRandom
from tock.app.services import Services
from tock.app.start.launch import Launched
from tock.app.start.run_command import CommandOptions, run_command
from tock.core.run.run import Run

if TYPE_CHECKING:
    from simulation.world import World

#: Among how many of the newest runs they choose.
_RECENT = 12


@dataclass
class Commanders:
    """The people who run commands, and the invariant of workspaces."""

    world: "World"
    random: SeededRandom

    async def run(self) -> None:
        """Run until cancelled."""
        pace = self.random.one_of((3.0, 20.0))
        while True:
            await asyncio.sleep(self.random.between(0.0, pace))
            recent = list(self.world.records.runs.values())[-_RECENT:]
            if recent:
                # Two people at once ask for the same workspace now and then.
                source = self.random.one_of(recent)
                for _ in range(self.random.whole(1, 2)):
                    self._ask(source)

    def agent_started(self, work: Work) -> None:
        """Check that a command works in a workspace alone, once the run that the workspace belongs to has ended."""
        run = self.world.records.runs[work.project, work.run]
        if run.follow_up is None:
            return
        source = self.world.records.runs[run.project, run.follow_up.of]
        require(run.failures == 0, 22, f"command {run.id} is repeated after a failure")
        require(source.status.terminal, 22, f"command {run.id} works beside run {source.id}, which is {source.status}")
        require(
            source.follow_up is None, 22, f"command {run.id} works in the workspace of another command, {source.id}"
        )
        beside = [
            other.run
            for other in self.world.work_log.in_progress
            if other is not work and other.steady and self._works_in(other, source)
        ]
        require(not beside, 22, f"command {run.id} works in the workspace of run {source.id} beside {beside}")

    def _works_in(self, work: Work, source: Run) -> bool:
        run = self.world.records.runs[work.project, work.run]
        return run.project == source.project and run.follow_up is not None and run.follow_up.of == source.id

    def _ask(self, source: Run) -> None:
        instance, key = self.world.choose("api"), self.random.one_of((None, f"c{self.random.whole(1, 9)}"))
        name = f"exec {source.id[:8]} key {key}"
        self.world.record("commanders", name)
        instance.spawn(self._started(instance.services, source, key), name=name)

    async def _started(self, services: Services, source: Run, key: str | None) -> Launched:
        options = CommandOptions(command="build")
        launched = await run_command(
            services, project=source.project, run=source.id, options=options, key=key, by="commander"
        )
        self.world.launched(source.project, key, launched.run.id)
        return launched
