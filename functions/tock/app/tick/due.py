"""What is due, in the order in which a tick claims it: oldest first, and shared among the projects in a backlog."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any

import anyio

from tock.app.services import Services
from tock.core.errors import StoreUnavailable
from tock.core.trigger.trigger import Trigger
from tock.ports.store import DuePage, Unreadable, Versioned

Due = Versioned[Trigger] | Unreadable
#: The least that a project is given of a round; a page divided by it is how many projects are asked at once.
LEAST_SHARE = 5
#: Projects listed at once.
PROJECTS = 1000


async def due_pages(
    services: Services, *, until: datetime, shards: Sequence[int] | None, size: int
) -> AsyncGenerator[Sequence[Due], None]:
    """Yield the triggers of these shards (None: all) that are due at `until`, at most `size` at once.

    1. A first page, of all projects and oldest first. Unless it is full, it is all there is, for one query.
    2. A full one is a backlog: every project that may have more is given a share of a page, in rounds, until none has.
       So a project with one due trigger waits for one page and one round, however many another one has. The projects
       that the first page left out come first, from a drawn one on: none is always the last when the budget ends.
    3. What belongs to no listed project: it is new, its document is gone or no longer parses.

    What was yielded must be claimed before the next is asked for, or it comes again. A project costs its document once
    and a query a round; one that has nothing more drops out. Where nothing is found nothing is yielded either, but it
    is yielded: whoever reads decides after each round of queries whether to go on. Raises StoreUnavailable.
    """
    page = await services.store.due_triggers(until=until, limit=size, shards=shards)
    yield page.triggers
    if page.cursor is None:
        return
    waiting = dict.fromkeys(await _in_turn(services, shown={_project_of(trigger) for trigger in page.triggers}))
    while waiting:
        for members, share in _parts_of_round(list(waiting), size=size):
            cursors = {project: waiting[project] for project in members}
            pages = await _shares(services, cursors, until=until, shards=shards, share=share)
            yield _mixed([page.triggers for page in pages.values()])
            for project, shared in pages.items():
                waiting[project] = shared.cursor
        waiting = {project: cursor for project, cursor in waiting.items() if cursor is not None}
    cursor = None
    while (page := await services.store.due_triggers(until=until, limit=size, shards=shards, cursor=cursor)).triggers:
        yield page.triggers
        if (cursor := page.cursor) is None:
            return


async def _in_turn(services: Services, *, shown: set[str]) -> list[str]:
    """Every project: those whose triggers were not shown first, from a drawn one on."""
    left_out: list[str] = []
    present: list[str] = []
    token: str | None = None
    while True:
        page = await services.store.projects(limit=PROJECTS, token=token)
        for project in page.items:
            (present if project.id in shown else left_out).append(project.id)
        if (token := page.next_token) is None:
            break
    first = int(services.random.jitter() * len(left_out))
    return left_out[first:] + left_out[:first] + present


def _parts_of_round(projects: Sequence[str], *, size: int) -> list[tuple[Sequence[str], int]]:
    """The projects that are asked at once, and the share of each: together never more than `size` triggers."""
    share = max(size // len(projects), LEAST_SHARE)
    at_once = max(size // share, 1)
    return [(projects[first : first + at_once], share) for first in range(0, len(projects), at_once)]


async def _shares(
    services: Services, cursors: dict[str, Any], *, until: datetime, shards: Sequence[int] | None, share: int
) -> dict[str, DuePage]:
    pages: dict[str, DuePage] = {}
    silences: list[StoreUnavailable] = []

    async def one(project: str, cursor: Any) -> None:
        try:
            pages[project] = await services.store.due_triggers(
                until=until, limit=share, cursor=cursor, shards=shards, project=project
            )
        except StoreUnavailable as exc:
            silences.append(exc)

    async with anyio.create_task_group() as tasks:
        for project, cursor in cursors.items():
            tasks.start_soon(one, project, cursor)
    if silences:
        raise silences[0]
    # In the order of the projects, whoever was answered first.
    return {project: pages[project] for project in cursors}


def _mixed(shares: Sequence[Sequence[Due]]) -> list[Due]:
    """One of each project, then the next of each: wherever the budget ends, it ends alike for all."""
    return [trigger for trigger in chain.from_iterable(zip_longest(*shares)) if trigger is not None]


def _project_of(trigger: Due) -> str:
    return trigger.project if isinstance(trigger, Unreadable) else trigger.value.project
