"""The agent as readers see it, and as its author writes it."""

from tock.core.agent.agent import Agent, AgentSpec
from tock.core.fields.types import Identifier
from tock.core.time.stamp import Stamp
from tock.web.resources.page import Listed


class NewAgent(AgentSpec):
    """An agent to create; Tock chooses an id if it has none."""

    id: Identifier | None = None

    @property
    def spec(self) -> AgentSpec:
        """What the author wrote, without the id."""
        return AgentSpec.model_construct(**{field: getattr(self, field) for field in AgentSpec.model_fields})


class AgentResource(AgentSpec):
    """An agent."""

    project: str
    id: str
    revision: int
    created: Stamp
    updated: Stamp

    @classmethod
    def of(cls, agent: Agent) -> "AgentResource":
        """Return the agent as readers see it."""
        return cls.model_construct(**{field: getattr(agent, field) for field in cls.model_fields})


class AgentPage(Listed):
    """A page of agents, newest first."""

    agents: tuple[AgentResource, ...]
