"""Everybody who sends requests in a simulation: what they do, and how often."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from simulation.people.commands import Commanders
from simulation.people.damage import Damage
from simulation.people.limits import Limiters
from simulation.people.operators import People
from simulation.people.repairers import Repairers
from simulation.people.talkers import Talkers
from simulation.seeded_random import SeededRandom
from tock.core.run.run import Run
from tock.core.run.status import RunStatus

if TYPE_CHECKING:
    from simulation.world import World


class Population:
    """The people of a world. Each group has random numbers of its own, so worlds without it stay as they were."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._talk = SeededRandom(f"{world.seed} talk")
        #: Whether runs take messages, wait and are resumed.
        self.talks = self._talk.happens(0.4)
        accepted = world.checked(world.conversations.accepted)
        self._talkers = Talkers(self._talk, world.records, accepted)
        self._haste = SeededRandom(f"{world.seed} haste")
        self._hasty = Talkers(self._haste, world.records, accepted)
        self._limit = SeededRandom(f"{world.seed} limits")
        #: Whether there are limits of how many runs work at once.
        self.limits = self._limit.happens(0.4)
        # Runs meet at a limit, and at one that was just lowered, if they take their time.
        self.slowness = self._limit.one_of((1.0, 4.0)) if self.limits else 1.0
        self.limiters = Limiters(self._limit, world.projects, world.slots)
        command = SeededRandom(f"{world.seed} commands")
        #: Whether runs leave workspaces, in which people run commands.
        self.commands = command.happens(0.3)
        self.commanders = Commanders(world, command)
        damage = SeededRandom(f"{world.seed} damage")
        self._damages = self.limits and damage.happens(0.3)
        self._damage = Damage(world, damage)
        repair = SeededRandom(f"{world.seed} menders")
        self._repairs = repair.happens(0.2)
        self._repairers = Repairers(world, repair)
        sessions = SeededRandom(f"{world.seed} sessions") if self.talks else None
        self.people = People(world.random, world.projects, sessions=sessions, launched=world.launched)

    def work(self) -> Sequence[Coroutine[Any, Any, None]]:
        """Return what each group does until it is cancelled."""
        return [
            self._manage(),
            *([self._converse()] if self.talks else []),
            *([self._set_limits()] if self.limits else []),
            *([self.commanders.run()] if self.commands else []),
            *([self._damage.run()] if self._damages else []),
            *([self._repairers.run()] if self._repairs else []),
        ]

    def ask(self, about: tuple[str, str] | None) -> None:
        """Send a request by one of the people, about this trigger or any."""
        instance = self._world.choose("api")
        name, asked = self.people.request(instance.services, now=self._world.now(), about=about)
        self._world.record("people", name)
        instance.spawn(asked, name=name)

    def answer_at_the_deadline(self, overdue: Sequence[Run]) -> None:
        """Answer runs between what a sweep reads and what it commits, some of them by two people at once."""
        if not self.talks or self._world.network_faults.off:
            return
        for run in overdue:
            if run.status is RunStatus.WAITING and self._haste.happens(0.7):
                for _ in range(self._haste.whole(1, 2)):
                    soon = self._haste.between(0.0, self._world.network_faults.max_latency)
                    asyncio.get_running_loop().call_later(soon, self._answer, run)

    async def _manage(self) -> None:
        random = self._world.random
        pace = random.one_of((5.0, 20.0, 60.0))
        while True:
            # Sometimes the next request comes at once, about the same trigger.
            more = random.happens(0.35)
            await asyncio.sleep(random.between(0.0, 1.5 if more else pace))
            if random.happens(0.3) and self._world.records.runs:
                recent = list(self._world.records.runs)[-20:]
                self.people.known.append(random.one_of(recent))
            self.ask(None if not (more and self.people.trigger) else (self.people.project, self.people.trigger))

    async def _converse(self) -> None:
        pace = self._talk.one_of((2.0, 10.0))
        while True:
            await asyncio.sleep(self._talk.between(0.0, pace))
            instance = self._world.choose("api")
            request = self._talkers.request(instance.services)
            if request is not None:
                name, asked = request
                self._world.record("talkers", name)
                instance.spawn(asked, name=name)
            waiting = [run for run in self._world.records.active.values() if run.status is RunStatus.WAITING]
            if waiting and self._haste.happens(0.2):
                # Two people at once, of whom the second may be the first to arrive.
                run = self._haste.one_of(waiting)
                self._answer(run)
                self._answer(run)

    def _answer(self, run: Run) -> None:
        instance = self._world.choose("api")
        name, asked = self._hasty.answer(instance.services, run)
        self._world.record("talkers", name)
        instance.spawn(asked, name=name)

    async def _set_limits(self) -> None:
        pace = self._limit.one_of((30.0, 300.0))
        while True:
            instance = self._world.choose("api")
            name, asked = self.limiters.request(instance.services)
            self._world.record("limiters", name)
            instance.spawn(asked, name=name)
            await asyncio.sleep(self._limit.between(0.0, pace))
