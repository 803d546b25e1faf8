"""Find what agents are used for: their triggers and their newest run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import anyio

from tock.app.services import Services
from tock.core.run.run import Run
from tock.ports.store import RunFilter

#: How many agents are looked up at once.
LOOK_UPS_AT_ONCE = 8
#: The most triggers that are counted; an agent with more has "10 and more".
MOST_COUNTED = 10


@dataclass(frozen=True, slots=True)
class AgentActivity:
    """What an agent is used for."""

    #: How many triggers name it, up to MOST_COUNTED.
    triggers: int
    #: Whether there are more triggers than that.
    more_triggers: bool
    #: Of the runs scheduled up to now the last one, or None if there is none.
    newest_run: Run | None


async def agent_activity(services: Services, *, project: str, agents: Iterable[str]) -> Mapping[str, AgentActivity]:
    """Return what each of these agents is used for; two queries each. Raises StoreUnavailable."""
    found: dict[str, AgentActivity] = {}
    now = services.clock.now()
    limiter = anyio.CapacityLimiter(LOOK_UPS_AT_ONCE)

    async def look_up(agent: str) -> None:
        async with limiter:
            triggers = await services.store.triggers(project, agent=agent, limit=MOST_COUNTED, token=None)
            runs = await services.store.runs(project, matching=RunFilter(agent=agent, until=now), limit=1, token=None)
        found[agent] = AgentActivity(
            triggers=len(triggers.found),
            more_triggers=triggers.next_token is not None,
            newest_run=next(iter(runs.items), None),
        )

    async with anyio.create_task_group() as tasks:
        for agent in agents:
            tasks.start_soon(look_up, agent)
    return found
