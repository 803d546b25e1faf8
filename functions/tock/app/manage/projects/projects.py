"""Create, edit and replace projects."""

from collections.abc import Mapping
from typing import Any

from tock.app.as_stored import as_stored
from tock.app.log import log_event
from tock.app.manage.projects.project_limit import pass_on_limit
from tock.app.manage.stored import Expected, require_revision, write_mended
from tock.app.services import Services
from tock.core.errors import (
    AlreadyExists,
    CommitConflict,
    DocumentUnreadable,
    IdRetained,
    NotFound,
    StoreUnavailable,
)
from tock.core.fields.differing import differing_fields
from tock.core.project import DeletedProject, Project, ProjectSpec
from tock.core.time.instant import instant_text
from tock.core.time.stamp import Stamp
from tock.core.unreadable import Unreadable
from tock.ports.store import Change, Create, Delete, Versioned, Write

#: How often an edit tries again when another edit came first.
MAX_TRIES = 10


async def create_project(services: Services, *, identifier: str, spec: ProjectSpec, by: str) -> Project:
    """Create a project, and return it.

    The id of a deleted project is free once no run of it is stored and no proof reaches back to its triggers; or at
    once, if it never had any. Raises AlreadyExists, IdRetained.
    """
    if await as_stored(services.store.project(identifier)) is not None:
        raise AlreadyExists("project", identifier)
    former = await as_stored(services.store.deleted_project(identifier))
    await _require_free(services, identifier, former=former)
    stamp = Stamp(at=services.clock.now(), by=by)
    project = Project(**dict(spec), id=identifier, created=stamp, updated=stamp)
    writes: list[Write] = [Create(value=project)]
    if former is not None:
        writes.append(Delete.of(former))
    try:
        await services.store.commit(writes)
    except CommitConflict as exc:
        existing = await as_stored(services.store.project(identifier))
        if not isinstance(existing, Versioned) or existing.value.created != stamp:
            raise AlreadyExists("project", identifier) from exc
    log_event("project_created", project=identifier, by=by)
    return project


async def edit_project(
    services: Services, *, project: str, changes: Mapping[str, Any], by: str, revision: Expected | None = None
) -> Project:
    """Change these fields of the project, and return it; `revision`, if given, must be the current one.

    The edit of a project that is being deleted keeps it. A limit is passed on to the agents, also if the project has it
    already: so an edit that failed half-way can be repeated. Raises NotFound, RevisionMismatch, DocumentUnreadable,
    pydantic's ValidationError, StoreUnavailable.
    """
    edited = await _edited(services, project, changes, by=by, revision=revision)
    if "concurrency" in changes:
        await pass_on_limit(services, project)
    return edited


async def _edited(
    services: Services, project: str, changes: Mapping[str, Any], *, by: str, revision: Expected | None
) -> Project:
    for _ in range(MAX_TRIES):
        found = await services.store.project(project)
        if found is None:
            raise NotFound("project", project)
        require_revision("project", found, expected=revision)
        before = found.value
        fields = {field: getattr(before, field) for field in ProjectSpec.model_fields} | dict(changes)
        spec = ProjectSpec.model_validate(fields)
        if not differing_fields(before, spec, fields=ProjectSpec.model_fields) and before.deleting is None:
            return before
        stamp = Stamp(at=services.clock.now(), by=by)
        update = {"revision": before.revision + 1, "updated": stamp, "deleting": None}
        after = before.model_copy(update=dict(spec) | update)
        try:
            await services.store.commit([Change(before=found, after=after)])
        except CommitConflict:
            current = await services.store.project(project)
            if current is None or current.value.updated != stamp:
                continue
        log_event("project_edited", project=project, by=by)
        return after
    raise StoreUnavailable(f"The project {project!r} keeps changing: try again.")


async def replace_project(
    services: Services, *, project: str, spec: ProjectSpec, by: str, revision: Expected | None = None
) -> Project:
    """Give the project all fields of `spec`, even if the stored project cannot be read, and return it.

    Raises NotFound, RevisionMismatch, StoreUnavailable.
    """
    try:
        return await edit_project(services, project=project, changes=dict(spec), by=by, revision=revision)
    except DocumentUnreadable as exc:
        found = exc.found
    require_revision("project", found, expected=revision)
    stamp = Stamp(at=services.clock.now(), by=by)
    number = (found.revision or 0) + 1
    mended = Project(**dict(spec), id=project, revision=number, created=found.created or stamp, updated=stamp)
    await write_mended(services, mended, found=found, read=lambda: services.store.project(project))
    await pass_on_limit(services, project)
    log_event("project_mended", project=project, by=by, problem=found.problem)
    return mended


async def _require_free(
    services: Services, identifier: str, *, former: Versioned[DeletedProject] | Unreadable | None
) -> None:
    """Raise IdRetained if a project of this id would show records of a deleted one."""
    remains = await services.store.remains(identifier)
    retention = services.timing.retention
    deleted = former.value if isinstance(former, Versioned) else None
    readable = deleted is not None and deleted.is_readable(now=services.clock.now(), retention=retention)
    # Revisions are never deleted, but a proof reads none that ended before the oldest records.
    only_old_revisions = remains == {"revision"} and not readable and not isinstance(former, Unreadable)
    if remains and not only_old_revisions:
        raise IdRetained(
            identifier, expires=instant_text(deleted.deleted.at + retention) if deleted and readable else None
        )
