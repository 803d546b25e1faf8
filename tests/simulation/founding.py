"""The beginning of a simulated world: projects, agents and triggers, now and then more than one tick can do."""

from datetime import timedelta
from typing import TYPE_CHECKING

from simulation.people import AGENTS, TRIGGERS
from tock.app.manage.agents import create_agent
from tock.app.manage.create_trigger import create_trigger
from tock.app.manage.projects import create_project
from tock.core.agent import AgentSpec
from tock.core.policy import Overlap
from tock.core.project import ProjectSpec
from tock.core.schedule.schedule import OnceSchedule
from tock.core.trigger.trigger import TriggerSpec

if TYPE_CHECKING:
    from simulation.world import World

#: How many triggers of one project are due at once in a crowded world.
CROWD = 80
_FOUNDER = "founder"


async def found(world: "World") -> None:
    """Create what there is before the storm."""
    api = world.choose("api")
    services = api.services
    for project in world.projects:
        await api.spawn(create_project(services, identifier=project, spec=ProjectSpec(), by=_FOUNDER), name=project)
        for agent in AGENTS:
            spec = AgentSpec(kind="sim")
            await api.spawn(
                create_agent(services, project=project, identifier=agent, spec=spec, by=_FOUNDER), name=agent
            )
        for trigger in TRIGGERS[: world.dice.whole(1, len(TRIGGERS))]:
            wanted = world.people.spec(now=world.now())
            created = create_trigger(services, project=project, identifier=trigger, spec=wanted, by=_FOUNDER)
            await api.spawn(created, name=trigger)
    if world.crowded:
        await _crowd(world)


async def _crowd(world: "World") -> None:
    """One project has so much at one moment that a tick of small pages and a small budget cannot do it all.

    The others have one each, which comes a moment later.
    """
    api = world.choose("api")
    world.tell("world", f"{CROWD} triggers of {world.projects[0]} are due at once")
    at = (world.now() + timedelta(seconds=110)).replace(microsecond=0)
    due = [(world.projects[0], f"c{number}", at) for number in range(CROWD)]
    due += [(project, "c0", at + timedelta(seconds=1)) for project in world.projects[1:]]
    for project, name, time in due:
        spec = TriggerSpec(agent=AGENTS[0], schedule=OnceSchedule(at=time), overlap=Overlap.PARALLEL)
        created = create_trigger(api.services, project=project, identifier=name, spec=spec, by=_FOUNDER)
        await api.spawn(created, name=name)
