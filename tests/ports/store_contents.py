"""The contents of a store, as far as random documents are concerned, to compare one store with another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ports.documents import MINUTE, NOW, a_lock, a_run
from ports.random_documents import IDS, PROJECTS
from tock.core.agent import Agent
from tock.core.errors import DocumentUnreadable
from tock.core.project import Project
from tock.core.run.lock import Lock
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import Trigger
from tock.ports.store import RunFilter, Store, Unreadable


async def store_contents(store: Store) -> list[Any]:
    """Return the results of all reads of the port, without versions and tokens."""
    until = NOW + timedelta(seconds=30)
    due = await store.due_triggers(until=until, limit=5)
    further = None if due.cursor is None else await store.due_triggers(until=until, limit=50, cursor=due.cursor)
    shown: list[Any] = [
        [value_of(trigger) for trigger in due.triggers],
        further and [value_of(trigger) for trigger in further.triggers],
        [run.value for run in await store.overdue_runs(until=until, limit=4)],
        await store.backlog(until=until),
        (await store.projects(limit=10, token=None)).items,
    ]
    for project in PROJECTS:
        mine = await store.due_triggers(until=until, limit=50, project=project)
        last_shard = await store.due_triggers(until=until, limit=2, project=project, shards=(7,))
        first = await store.runs(project, matching=RunFilter(status=RunStatus.QUEUED), limit=2, token=None)
        shown += [
            [value_of(trigger) for trigger in (*mine.triggers, *last_shard.triggers)],
            (await store.agents(project, limit=10, token=None)).items,
            (await store.triggers(project, limit=10, token=None)).items,
            first.items,
            first.next_token
            and await store.runs(
                project, matching=RunFilter(status=RunStatus.QUEUED), limit=50, token=first.next_token
            ),
            (await store.runs(project, matching=RunFilter(since=NOW, until=until), limit=9, token=None)).items,
        ]
        for identifier in IDS:
            shown += [
                value_of(await find(store, a_run(identifier, project=project))),
                value_of(await find(store, a_lock(identifier, project=project))),
                list(await store.events(project, identifier, since=1, limit=5)),
                list(await store.revisions(project, identifier, since=NOW + 2 * MINUTE)),
            ]
    return shown


async def find(store: Store, document: Any) -> Any:
    """Return the stored document, a trigger that does not parse as Unreadable, or None."""
    read = _READ.get(type(document))
    try:
        return None if read is None else await read(store, document)
    except DocumentUnreadable:
        due = await store.due_triggers(until=NOW + 9 * MINUTE, limit=100)
        unreadable = (trigger for trigger in due.triggers if isinstance(trigger, Unreadable))
        return next((t for t in unreadable if (t.project, t.id) == (document.project, document.id)), None)


def value_of(found: Any) -> Any:
    """Return what `find` found, without its version."""
    return (found.project, found.id, found.problem) if isinstance(found, Unreadable) else found and found.value


_READ: dict[type, Callable[[Store, Any], Any]] = {
    Project: lambda store, project: store.project(project.id),
    Agent: lambda store, agent: store.agent(agent.project, agent.id),
    Trigger: lambda store, trigger: store.trigger(trigger.project, trigger.id),
    Run: lambda store, run: store.run(run.project, run.id),
    Lock: lambda store, lock: store.lock(lock.project, lock.id),
}
