"""The agent of a settled run that a new run is to start after."""

from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.errors import FailedPrecondition


async def source_agent(services: Services, *, project: str, agent: str, verb: str) -> Agent:
    """Return the agent of a settled run. Raises FailedPrecondition, which says what to do, if it is gone."""
    found = await services.store.agent(project, agent)
    if found is None:
        remedy = f"there is no agent {agent!r} any more: create it again, then {verb} the run"
        raise FailedPrecondition(field="agent", value=agent, remedy=remedy)
    return found.value
