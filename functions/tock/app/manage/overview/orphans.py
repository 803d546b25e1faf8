"""Find what a project holds although nothing needs it, or although what it needs is missing."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import Any

import anyio

from tock.app.as_stored import as_stored
from tock.app.services import Services
from tock.core.health.orphan import Orphan, OrphanKind, OrphanReason
from tock.core.project import Project
from tock.core.run.run import Run
from tock.core.run.stuck import PATIENCE, undelivered_because
from tock.core.time.instant import instant_text
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import Page, Versioned

#: How many triggers, agents or keys one query reads, how many triggers are looked at, and how many reads go at once.
PAGE, MOST, AT_ONCE = 100, 1_000, 16


async def find_orphans(services: Services, *, project: str, active: Sequence[Run]) -> tuple[Orphan, ...]:
    """Return the orphans among a project's documents; `active` are its runs that have not ended.

    It looks at the newest MOST triggers, and at each agent that they or the runs name. What cannot be read counts as
    there. Raises StoreUnavailable.
    """
    now = services.clock.now()
    found = await as_stored(services.store.project(project))
    if found is None:
        return tuple([orphan async for orphan in _of_no_project(services, project)])
    triggers = [trigger async for trigger in _triggers(services, project)]
    agents = {trigger.agent for trigger in triggers} | {run.agent for run in active}
    missing = await _missing(services, project, agents)
    undelivered = ((run, undelivered_because(run, now=now)) for run in active)
    return (
        *_unfinished(found, before=now - PATIENCE),
        *_without_agent(OrphanKind.TRIGGER, triggers, missing=missing),
        *_without_agent(OrphanKind.RUN, active, missing=missing),
        *(
            Orphan(OrphanKind.RUN, run.id, OrphanReason.UNDELIVERED, problem)
            for run, problem in undelivered
            if problem is not None
        ),
    )


async def _of_no_project(services: Services, project: str) -> AsyncIterator[Orphan]:
    """Yield what is stored of a project that does not exist; its runs, revisions and usage stay until they expire."""
    store = services.store
    listings: dict[OrphanKind, Callable[[], Coroutine[Any, Any, Page[Any]]]] = {
        OrphanKind.TRIGGER: lambda: store.triggers(project, limit=PAGE, token=None),
        OrphanKind.AGENT: lambda: store.agents(project, limit=PAGE, token=None),
        OrphanKind.API_KEY: lambda: store.api_keys(project, limit=PAGE, token=None),
    }
    for kind, read in listings.items():
        for each in (await read()).found:
            problem = f"belongs to the project {project}, which does not exist"
            yield Orphan(kind, each.id, OrphanReason.PROJECT_MISSING, problem)


async def _triggers(services: Services, project: str) -> AsyncIterator[Trigger]:
    token: str | None = None
    for _ in range(MOST // PAGE):
        page = await services.store.triggers(project, limit=PAGE, token=token)
        for trigger in page.items:
            yield trigger
        token = page.next_token
        if token is None:
            return


async def _missing(services: Services, project: str, agents: Iterable[str]) -> frozenset[str]:
    """Return which of the agents do not exist."""
    missing: set[str] = set()
    room = anyio.CapacityLimiter(AT_ONCE)

    async def look(agent: str) -> None:
        async with room:
            if await as_stored(services.store.agent(project, agent)) is None:
                missing.add(agent)

    async with anyio.create_task_group() as tasks:
        for agent in agents:
            tasks.start_soon(look, agent)
    return frozenset(missing)


def _unfinished(found: Versioned[Project] | Unreadable, *, before: datetime) -> Sequence[Orphan]:
    if isinstance(found, Unreadable) or (mark := found.value.deleting) is None or mark.at >= before:
        return ()
    problem = f"is being deleted since {instant_text(mark.at)}, by {mark.by}: nothing can be created in it"
    return (Orphan(OrphanKind.PROJECT, found.value.id, OrphanReason.DELETION_UNFINISHED, problem),)


def _without_agent(kind: OrphanKind, found: Iterable[Trigger | Run], *, missing: frozenset[str]) -> Iterable[Orphan]:
    for each in found:
        if each.agent in missing:
            problem = f"needs the agent {each.agent}, which does not exist"
            yield Orphan(kind, each.id, OrphanReason.AGENT_MISSING, problem)
