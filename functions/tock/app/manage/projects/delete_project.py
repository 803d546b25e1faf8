"""Delete a project, so that nothing of it is left at work and nobody takes its id while its records can be read."""

from contextlib import suppress
from datetime import UTC, datetime

from tock.app.as_stored import as_stored
from tock.app.log import log_event
from tock.app.manage.projects.api_keys import delete_key
from tock.app.manage.stored import Expected, require_revision
from tock.app.services import Services
from tock.core.errors import CommitConflict, InUse, NotFound, StoreUnavailable
from tock.core.project import DeletedProject, Project
from tock.core.run.status import RunStatus
from tock.core.time.stamp import Stamp
from tock.core.unreadable import Unreadable
from tock.ports.store import Change, Create, Delete, Document, RunFilter, Versioned, Write

#: How many keys one query reads.
KEYS_AT_ONCE = 100
#: How much usage one query reads and one Commit deletes.
USAGE_AT_ONCE = 400
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_ACTIVE = tuple(status for status in RunStatus if not status.terminal)


async def delete_project(services: Services, *, project: str, by: str, revision: Expected | None = None) -> None:
    """Delete a project without triggers, agents and active runs, its API keys and its usage.

    Records of its runs stay until they expire, but nobody can read them, since the project does not exist any more.

    1. Mark the project as being deleted: from then on nothing can be created in it.
    2. Look for what is left in it; if there is something, take the mark away. What was created before the mark is
       found, and what is created after it conflicts.
    3. Delete its keys, because a key that remained would open the next project with this id, and its usage, which is
       kept longer than runs are and would be shown there too.
    4. In one Commit, delete the project and note its deletion.

    A deletion that ends in between can be repeated, or undone by an edit. Raises NotFound, RevisionMismatch, InUse,
    StoreUnavailable.
    """
    found = await as_stored(services.store.project(project))
    if found is None:
        raise NotFound("project", project)
    require_revision("project", found, expected=revision)
    await _require_unused(services, project)
    stamp = Stamp(at=services.clock.now(), by=by)
    marked = await _marked(services, found, stamp=stamp)
    try:
        await _require_unused(services, project)
    except InUse:
        with suppress(CommitConflict):
            await services.store.commit([Change(before=marked, after=_with_mark(marked.value, None))])
        raise
    while keys := (await services.store.api_keys(project, limit=KEYS_AT_ONCE, token=None)).found:
        for key in keys:
            await delete_key(services, key)
    await _delete_usage(services, project)
    try:
        await services.store.commit([Delete.of(marked), await _note(services, project, stamp=stamp)])
    except CommitConflict as exc:
        if await as_stored(services.store.project(project)) is not None:
            raise _changed(project) from exc
    log_event("project_deleted", project=project, by=by)


async def _require_unused(services: Services, project: str) -> None:
    """Raise InUse if the project has triggers, agents or active runs."""
    triggers = await services.store.triggers(project, limit=1, token=None)
    for trigger in triggers.found:
        raise InUse("project", project, needed_by=f"the trigger {trigger.id!r}")
    agents = await services.store.agents(project, limit=1, token=None)
    for agent in agents.found:
        raise InUse("project", project, needed_by=f"the agent {agent.id!r}")
    for status in _ACTIVE:
        runs = await services.store.runs(project, matching=RunFilter(statuses=frozenset({status})), limit=1, token=None)
        for run in runs.found:
            remedy = "cancel it, or wait until it has ended"
            raise InUse("project", project, needed_by=f"the run {run.id!r}, which is {status}", remedy=remedy)
    for kind in sorted(await services.store.remains(project) & {"trigger", "agent"}):
        remedy = "read it by its id, and delete it"
        raise InUse("project", project, needed_by=f"a damaged {kind} that no list shows", remedy=remedy)


async def _marked(services: Services, found: Versioned[Project] | Unreadable, *, stamp: Stamp) -> Versioned[Project]:
    """Mark the project as being deleted, and return it. Raises StoreUnavailable if it was changed meanwhile."""
    before = _readable(found, stamp=stamp)
    if before.value.deleting is not None:
        return before
    after = _with_mark(before.value, stamp)
    try:
        return Versioned(after, await services.store.commit([Change(before=before, after=after)]))
    except CommitConflict as exc:
        now = await as_stored(services.store.project(after.id))
        if isinstance(now, Versioned) and now.value == after:
            return now
        raise _changed(after.id) from exc


def _readable(found: Versioned[Project] | Unreadable, *, stamp: Stamp) -> Versioned[Project]:
    if isinstance(found, Versioned):
        return found
    created = found.created or stamp
    project = Project(id=found.id, revision=(found.revision or 0) + 1, created=created, updated=stamp)
    return Versioned(project, found.version, restored=True)


def _with_mark(project: Project, mark: Stamp | None) -> Project:
    return project.model_copy(update={"deleting": mark})


async def _delete_usage(services: Services, project: str) -> None:
    cursor = None
    while True:
        page = await services.store.usage(project, since=_FIRST, until=_LAST, limit=USAGE_AT_ONCE, cursor=cursor)
        if page.days:
            # Only an unacknowledged try of its own can conflict: these deletions have no precondition.
            with suppress(CommitConflict):
                await services.store.commit([Delete(value=day) for day in page.days])
        cursor = page.cursor
        if cursor is None:
            return


async def _note(services: Services, project: str, *, stamp: Stamp) -> Write:
    """Return the write that notes the deletion; the note of an earlier one of this id is replaced."""
    note: Document = DeletedProject(id=project, deleted=stamp)
    former = await as_stored(services.store.deleted_project(project))
    if former is None:
        return Create(value=note)
    return Change(before=Versioned(note, former.version, restored=True), after=note)


def _changed(project: str) -> StoreUnavailable:
    return StoreUnavailable(f"The project {project!r} was changed just now: try again.")
