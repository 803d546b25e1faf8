"""People who set, change and remove the limits of how many runs work at once."""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from simulation.invariants.slots import SlotInvariants
from simulation.people.operators import AGENTS, TRIGGERS
from simulation.seeded_random import SeededRandom
from tock.app.manage.agents import edit_agent
from tock.app.manage.projects.projects import edit_project
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.services import Services
from tock.core.policies import Overlap, SessionMode


@dataclass
class Limiters:
    """The people who limit projects, agents and triggers. Each call of `request` returns one request by one of them."""

    random: SeededRandom
    projects: tuple[str, ...]
    slots: SlotInvariants

    def agent_limit(self) -> int | None:
        """Return a limit of an agent, or None for none."""
        return self.random.weighted(((1, 2.0), (2, 3.0), (4, 3.0), (None, 1.0)))

    def project_limit(self) -> int | None:
        """Return a limit of a project, or None for none."""
        return self.random.weighted(((2, 1.0), (4, 1.0), (None, 2.0)))

    def request(self, services: Services) -> tuple[str, Coroutine[Any, Any, Any]]:
        """Return the next request: its name and the call of the use case."""
        project = self.random.one_of(self.projects)
        if self.random.happens(0.2):
            whole = self.project_limit()
            asked = edit_project(services, project=project, changes={"concurrency": whole}, by="limiter")
            return f"limit project {project} to {whole}", asked
        if self.random.happens(0.5):
            agent, limit = self.random.one_of(AGENTS), self.agent_limit()
            taken = self.slots.taken(project, f"agent:{agent}")
            if taken > 1 and self.random.happens(0.7):
                # The worst moment to lower a limit: as many work as it allowed.
                limit = self.random.whole(1, taken - 1)
            limited = edit_agent(services, project=project, agent=agent, changes={"concurrency": limit}, by="limiter")
            return f"limit agent {project}/{agent} to {limit}", limited
        trigger, most = self.random.one_of(TRIGGERS), self.random.weighted(((1, 2.0), (2, 3.0), (3, 1.0), (None, 1.0)))
        changes = {"overlap": Overlap.PARALLEL, "max_parallel": most, "session": SessionMode.NEW}
        edited = edit_trigger(services, project=project, trigger=trigger, changes=changes, by="limiter")
        return f"limit trigger {project}/{trigger} to {most}", edited
