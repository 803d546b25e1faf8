"""The initial state of a simulation: projects, agents and triggers, now and then more than one tick can claim."""

from datetime import timedelta
from typing import TYPE_CHECKING

from simulation.people.operators import AGENTS, TRIGGERS
from tock.app.manage.agents import create_agent
from tock.app.manage.projects.projects import create_project
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.core.agent.agent import AgentSpec
from tock.core.policies import Overlap
from tock.core.project import ProjectSpec
from tock.core.schedule.schedule import OnceSchedule
from tock.core.trigger.trigger import TriggerSpec

if TYPE_CHECKING:
    from simulation.world import World

#: How many triggers of one project are due at once in a simulation with a backlog.
BACKLOG = 80
_AUTHOR = "setup"


async def create_initial_state(world: "World") -> None:
    """Create everything that there is before the faults begin."""
    api = world.choose("api")
    services, population = api.services, world.population
    for project in world.projects:
        whole = ProjectSpec(concurrency=population.limiters.project_limit() if population.limits else None)
        await api.spawn(create_project(services, identifier=project, spec=whole, by=_AUTHOR), name=project)
        for agent in AGENTS:
            spec = AgentSpec(kind="sim", concurrency=population.limiters.agent_limit() if population.limits else None)
            await api.spawn(
                create_agent(services, project=project, identifier=agent, spec=spec, by=_AUTHOR), name=agent
            )
        for trigger in TRIGGERS[: world.random.whole(1, len(TRIGGERS))]:
            wanted = population.people.spec(now=world.now())
            created = create_trigger(services, project=project, identifier=trigger, spec=wanted, by=_AUTHOR)
            await api.spawn(created, name=trigger)
    if world.has_backlog:
        await _create_backlog(world)


async def _create_backlog(world: "World") -> None:
    """Create a backlog: more triggers of one project are due at once than a tick can claim within its budget.

    Each of the other projects has one trigger, due a second later.
    """
    api = world.choose("api")
    world.record("world", f"{BACKLOG} triggers of {world.projects[0]} are due at once")
    at = (world.now() + timedelta(seconds=110)).replace(microsecond=0)
    due = [(world.projects[0], f"c{number}", at) for number in range(BACKLOG)]
    due += [(project, "c0", at + timedelta(seconds=1)) for project in world.projects[1:]]
    for project, name, time in due:
        spec = TriggerSpec(agent=AGENTS[0], schedule=OnceSchedule(at=time), overlap=Overlap.PARALLEL)
        created = create_trigger(api.services, project=project, identifier=name, spec=spec, by=_AUTHOR)
        await api.spawn(created, name=name)
