"""The agents that a trigger can have, and what each can do, as far as the form depends on it."""

from dataclasses import dataclass

from tock.app.abilities import is_able
from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.ports.executor import Ability

#: How many agents the form reads; of a project with more, it offers these and takes the id of any other.
_MOST = 100
#: So many agents are a list; more are searched by their ids.
_LISTED = 25


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """One agent to choose."""

    id: str
    words: str
    #: Whether its runs can work on a version or branch.
    has_versions: bool
    #: Whether its runs can go on with a conversation.
    has_conversations: bool


@dataclass(frozen=True, slots=True)
class AgentChoices:
    """The agents of a project, by their ids."""

    agents: tuple[AgentChoice, ...]
    #: Whether there are too many for a list.
    are_many: bool
    #: The id of the chosen agent if the project has none of this id, or else an empty text.
    missing: str


async def agent_choices(services: Services, project: str, *, chosen: str) -> AgentChoices:
    """Return the agents that the form offers, and whether the project has the chosen one."""
    page = await services.store.agents(project, limit=_MOST, token=None)
    agents = tuple(sorted((_choice(services, agent) for agent in page.items), key=lambda choice: choice.id))
    known = {agent.id for agent in agents} | {each.id for each in page.unreadable}
    is_missing = chosen not in known
    if chosen and is_missing and page.next_token is not None:
        is_missing = await services.store.agent(project, chosen) is None
    return AgentChoices(
        agents=agents,
        are_many=page.next_token is not None or len(agents) > _LISTED,
        missing=chosen if is_missing else "",
    )


def _choice(services: Services, agent: Agent) -> AgentChoice:
    is_known = agent.kind in services.executors
    name = f"{agent.name}, " if agent.name else ""
    return AgentChoice(
        id=agent.id,
        words=f"{agent.id} ({name}{agent.kind})",
        has_versions=is_known and is_able(services, agent, Ability.REF),
        has_conversations=is_known and is_able(services, agent, Ability.RESUME),
    )
