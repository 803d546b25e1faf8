"""The contents of a store, as far as random documents are concerned, to compare one store with another."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ports.documents import MINUTE, NOW, a_lock, a_run
from ports.random_documents import IDS, PROJECTS
from tock.core.agent.agent import Agent
from tock.core.errors import DocumentUnreadable
from tock.core.project import Project
from tock.core.run.admission.lock import Lock
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import Page, RunFilter, Store


async def store_contents(store: Store) -> list[Any]:
    """Return the results of all reads of the port, without versions and tokens."""
    until = NOW + timedelta(seconds=30)
    due = await store.due_triggers(until=until, limit=5)
    further = None if due.cursor is None else await store.due_triggers(until=until, limit=50, cursor=due.cursor)
    shown: list[Any] = [
        [value_of(trigger) for trigger in due.triggers],
        further and [value_of(trigger) for trigger in further.triggers],
        [value_of(run) for run in await store.overdue_runs(until=until, limit=4)],
        await store.backlog(until=until),
        shown_of(await store.projects(limit=10, token=None)),
    ]
    for project in PROJECTS:
        mine = await store.due_triggers(until=until, limit=50, project=project)
        last_shard = await store.due_triggers(until=until, limit=2, project=project, shards=(7,))
        first = await store.runs(
            project, matching=RunFilter(statuses=frozenset({RunStatus.QUEUED})), limit=2, token=None
        )
        shown += [
            [value_of(trigger) for trigger in (*mine.triggers, *last_shard.triggers)],
            shown_of(await store.agents(project, limit=10, token=None)),
            shown_of(await store.triggers(project, limit=10, token=None)),
            shown_of(first),
            first.next_token
            and shown_of(
                await store.runs(
                    project,
                    matching=RunFilter(statuses=frozenset({RunStatus.QUEUED})),
                    limit=50,
                    token=first.next_token,
                )
            ),
            shown_of(await store.runs(project, matching=RunFilter(since=NOW, until=until), limit=9, token=None)),
        ]
        for identifier in IDS:
            shown += [
                value_of(await find(store, a_run(identifier, project=project))),
                value_of(await find(store, a_lock(identifier, project=project))),
                await store.events(project, identifier, since=1, limit=5),
                list(await store.revisions(project, identifier, since=NOW + 2 * MINUTE)),
            ]
    return shown


async def find(store: Store, document: Any) -> Any:
    """Return the stored document, Unreadable if it does not parse, or None."""
    read = _READ.get(type(document))
    try:
        return None if read is None else await read(store, document)
    except DocumentUnreadable as error:
        return error.found


def shown_of(page: Page[Any]) -> tuple[Any, ...]:
    """Return the documents of a page, those that cannot be read behind the others."""
    return (*page.items, *map(value_of, page.unreadable))


def value_of(found: Any) -> Any:
    """Return what `find` found, without its version."""
    return replace(found, version=None) if isinstance(found, Unreadable) else found and found.value


_READ: dict[type, Callable[[Store, Any], Any]] = {
    Project: lambda store, project: store.project(project.id),
    Agent: lambda store, agent: store.agent(agent.project, agent.id),
    Trigger: lambda store, trigger: store.trigger(trigger.project, trigger.id),
    Run: lambda store, run: store.run(run.project, run.id),
    Lock: lambda store, lock: store.lock(lock.project, lock.id),
}
