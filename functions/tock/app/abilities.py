"""What agents of this deployment can do, for requests that need it."""

from collections.abc import Sequence

from tock.app.agent_of import agent_of
from tock.app.services import Services
from tock.core.agent import Agent
from tock.core.errors import AbilityMissing
from tock.core.run.run import Run
from tock.ports.executor import Ability


async def require_ability(services: Services, run: Run, ability: Ability, *, verb: str) -> Agent:
    """Return the run's agent, as it was read some seconds ago at most, if it can do this.

    Raises NotFound, AbilityMissing, which names the kinds that can.
    """
    agent = await agent_of(services, run)
    if not is_able(services, agent, ability):
        raise AbilityMissing(run=run.id, kind=agent.kind, verb=verb, able=kinds_with(services, ability))
    return agent


def is_able(services: Services, agent: Agent, ability: Ability) -> bool:
    """Whether the agent can do this."""
    return ability in services.executors[agent.kind].abilities(agent.config)


def kinds_with(services: Services, ability: Ability) -> Sequence[str]:
    """Return the kinds whose agents can do this, in order."""
    return sorted(kind for kind, executor in services.executors.items() if ability in executor.abilities({}))
