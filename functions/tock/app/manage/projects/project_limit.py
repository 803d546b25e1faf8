"""Pass a project's limit on to its agents, so that a run finds it without reading its project."""

from collections.abc import AsyncIterator

from tock.app.manage.owner import unchanged
from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.errors import CommitConflict, StoreUnavailable
from tock.core.project import Project
from tock.ports.store import Change, Versioned

#: How many agents one query reads.
PAGE = 100
#: How often the agents are gone through again when the project, or one of them, was changed meanwhile.
MAX_ROUNDS = 10


async def pass_on_limit(services: Services, project: str) -> None:
    """Write the project's limit to each agent that has another one; a second call does what the first one left.

    Each Commit is conditional on the project, so that of two edits at once the newer one's limit stays. Runners notice
    it within seconds, as any edit of an agent. An agent that cannot be read gets the limit when it is mended. Raises
    StoreUnavailable.
    """
    for _ in range(MAX_ROUNDS):
        owner = await services.store.project(project)
        if owner is None:
            return
        try:
            async for agent in _others(services, owner.value):
                await _pass_on(services, owner, agent)
        except CommitConflict:
            # The project or the agent was edited just now, or an earlier try was not acknowledged.
            continue
        return
    raise StoreUnavailable(f"The agents of the project {project!r} keep changing: send the limit again.")


async def _others(services: Services, project: Project) -> AsyncIterator[str]:
    """Yield the ids of the agents that have another limit than the project."""
    token: str | None = None
    while True:
        page = await services.store.agents(project.id, limit=PAGE, token=token)
        for agent in page.items:
            if agent.project_concurrency != project.concurrency:
                yield agent.id
        if (token := page.next_token) is None:
            break


async def _pass_on(services: Services, owner: Versioned[Project], agent: str) -> None:
    found: Versioned[Agent] | None = await services.store.agent(owner.value.id, agent)
    if found is not None:
        after = found.value.model_copy(update={"project_concurrency": owner.value.concurrency})
        await services.store.commit([Change(before=found, after=after), unchanged(owner)])
