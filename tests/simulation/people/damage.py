"""Damage to the records of runs at work that hold slots, which somebody then deletes: their slots must not be lost."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.people.operators import KEYS
from simulation.seeded_random import SeededRandom
from tock.app.manage.delete_run import delete_run
from tock.core.ids.derived import keyed_run_id
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus

if TYPE_CHECKING:
    from simulation.world import World


@dataclass
class Damage:
    """Overwrites records so that nobody can read them, as a faulty tool of somebody's could, and deletes them."""

    world: "World"
    random: SeededRandom

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await asyncio.sleep(self.random.between(10.0, 120.0))
            holders = [run for run in self.world.records.active.values() if _can_be_lost(run)]
            if not holders:
                continue
            run = self.random.one_of(holders)
            self.world.record("damage", f"run {run.id[:8]} cannot be read any more")
            self.world.records.lose(run)
            self.world.store.overwrite(run, fields={"attempts": "scrambled"})
            if self.random.happens(0.7):
                asyncio.get_running_loop().call_later(self.random.between(0.0, 60.0), self._delete, run)

    def _delete(self, run: Run) -> None:
        api = self.world.choose("api")
        api.spawn(delete_run(api.services, project=run.project, run=run.id, by="owner"), name=f"delete {run.id[:8]}")


def _can_be_lost(run: Run) -> bool:
    """Whether the run holds slots, and nothing else that a proof or another invariant asks for.

    A request with the key of a deleted run would start a run with the same id.
    """
    keyed = run.id in {keyed_run_id(project=run.project, key=key) for key in KEYS}
    alone = run.trigger is None and run.lock is None and not keyed
    return run.status is RunStatus.RUNNING and bool(run.slots) and run.source is RunSource.MANUAL and alone
