"""Find the agent of a run, for a request that needs to know what it can do."""

from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.errors import NotFound
from tock.core.run.run import Run


async def agent_of(services: Services, run: Run) -> Agent:
    """Return the run's agent as it is now. Raises NotFound, DocumentUnreadable, StoreUnavailable."""
    now = services.clock.now()
    agent = await services.agent_cache.find(services.store, project=run.project, agent=run.agent, now=now)
    if agent is None:
        raise NotFound("agent", run.agent)
    return agent
