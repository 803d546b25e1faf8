"""Require that an agent can run, before a run of it is created."""

from tock.app.abilities import require_version
from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.errors import FailedPrecondition


def require_startable(services: Services, agent: Agent, *, ref: str | None, then: str) -> None:
    """Raise FailedPrecondition unless the agent is enabled, and has versions or branches if the run asks for one.

    `then` is what to do once the agent can run. Its configuration was checked when it was written, by a process that
    has what it names; this one may not.
    """
    require_enabled(agent, then=then)
    require_version(services, agent, ref=ref)


def require_enabled(agent: Agent, *, then: str) -> None:
    """Raise FailedPrecondition if the agent is disabled."""
    if not agent.enabled:
        remedy = f"the agent {agent.id!r} is disabled: enable it, then {then}"
        raise FailedPrecondition(field="agent", value=agent.id, remedy=remedy)
