"""The due triggers in the order in which a tick claims them: oldest first; in a backlog, in fair shares per project."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from itertools import chain, zip_longest
from typing import Any

import anyio

from tock.app.services import Services
from tock.core.errors import StoreUnavailable
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import DuePage, Versioned

Due = Versioned[Trigger] | Unreadable
#: The fewest triggers that a project may get in a round. It limits how many projects are queried at once: a page's size
#: divided by it.
LEAST_SHARE = 5
#: How many projects one listing reads.
PROJECTS = 1000


async def due_pages(
    services: Services, *, until: datetime, shards: Sequence[int] | None, size: int
) -> AsyncGenerator[Sequence[Due], None]:
    """Yield pages of the triggers of these shards (None: all) that are due at `until`, at most `size` at once.

    1. Yield the first page, oldest first over all projects. If it is not full, it holds all due triggers, and they
       took one query.
    2. A full page means a backlog. Then, in rounds, give every project a share of a page until no project has more.
       So a project with one due trigger waits for one page and one round, however many triggers another project has.
       Projects without a trigger in the first page come first, from a random one on, so that none is always last when
       the budget ends.
    3. Yield the due triggers whose project was not listed: it is new, or its document is gone.

    The caller must claim a page before it asks for the next one, or the same triggers come again. A backlog costs a
    read of each project's document and, in each round, a query for each project that may have more. A round without
    due triggers yields an empty page, so that the caller can stop after each round. Raises StoreUnavailable.
    """
    page = await services.store.due_triggers(until=until, limit=size, shards=shards)
    yield page.triggers
    if page.cursor is None:
        return
    shown = {_project_of(trigger) for trigger in page.triggers}
    waiting = dict.fromkeys(await _projects_in_turn(services, shown=shown))
    while waiting:
        for members, share in _batches_of_round(list(waiting), size=size):
            cursors = {project: waiting[project] for project in members}
            pages = await _read_shares(services, cursors, until=until, shards=shards, share=share)
            yield _interleaved([page.triggers for page in pages.values()])
            for project, shared in pages.items():
                waiting[project] = shared.cursor
        waiting = {project: cursor for project, cursor in waiting.items() if cursor is not None}
    cursor = None
    while (page := await services.store.due_triggers(until=until, limit=size, shards=shards, cursor=cursor)).triggers:
        yield page.triggers
        if (cursor := page.cursor) is None:
            return


async def _projects_in_turn(services: Services, *, shown: set[str]) -> list[str]:
    """Return every project: first those that were not shown, from a random one on, then those that were."""
    not_shown: list[str] = []
    already_shown: list[str] = []
    token: str | None = None
    while True:
        page = await services.store.projects(limit=PROJECTS, token=token)
        for project in page.found:
            (already_shown if project.id in shown else not_shown).append(project.id)
        if (token := page.next_token) is None:
            break
    first = int(services.random.jitter() * len(not_shown))
    return not_shown[first:] + not_shown[:first] + already_shown


def _batches_of_round(projects: Sequence[str], *, size: int) -> list[tuple[Sequence[str], int]]:
    """Return batches of projects to query at once, each with the share of one project; a batch gets at most `size`."""
    share = max(size // len(projects), LEAST_SHARE)
    at_once = max(size // share, 1)
    return [(projects[first : first + at_once], share) for first in range(0, len(projects), at_once)]


async def _read_shares(
    services: Services, cursors: dict[str, Any], *, until: datetime, shards: Sequence[int] | None, share: int
) -> dict[str, DuePage]:
    pages: dict[str, DuePage] = {}
    errors: list[StoreUnavailable] = []

    async def read(project: str, cursor: Any) -> None:
        try:
            pages[project] = await services.store.due_triggers(
                until=until, limit=share, cursor=cursor, shards=shards, project=project
            )
        except StoreUnavailable as exc:
            errors.append(exc)

    async with anyio.create_task_group() as tasks:
        for project, cursor in cursors.items():
            tasks.start_soon(read, project, cursor)
    if errors:
        raise errors[0]
    # In the order of the projects, not of the answers.
    return {project: pages[project] for project in cursors}


def _interleaved(shares: Sequence[Sequence[Due]]) -> list[Due]:
    """Return the first trigger of each project, then the second of each, and so on: the budget may end anywhere."""
    return [trigger for trigger in chain.from_iterable(zip_longest(*shares)) if trigger is not None]


def _project_of(trigger: Due) -> str:
    return trigger.project if isinstance(trigger, Unreadable) else trigger.value.project
