"""What agents of this deployment can do, for requests that need it."""

from collections.abc import Sequence

from tock.app.agent_of import agent_of
from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.errors import AbilityMissing, FailedPrecondition
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


def require_version(services: Services, agent: Agent, *, ref: str | None) -> None:
    """Raise FailedPrecondition if a run asks for a version or branch, and agents of this kind have none."""
    if ref is not None and not is_able(services, agent, Ability.REF):
        able = ", ".join(kinds_with(services, Ability.REF)) or "none in this deployment"
        remedy = (
            f"the agent {agent.id!r} is of kind {agent.kind!r}, which has no versions or branches: leave ref out, or "
            f"use an agent of a kind that takes one: {able}"
        )
        raise FailedPrecondition(field="input.ref", value=ref, remedy=remedy)
