"""Create, edit and delete projects."""

from collections.abc import Mapping
from typing import Any

from tock.app.log import log_event
from tock.app.manage.api_keys import delete_key
from tock.app.services import Services
from tock.core.errors import (
    AlreadyExists,
    CommitConflict,
    InUse,
    NotFound,
    RevisionMismatch,
    StoreUnavailable,
)
from tock.core.project import Project, ProjectSpec
from tock.core.stamp import Stamp
from tock.ports.store import Change, Create, Delete, Versioned

#: How often an edit tries again when another edit came first.
MAX_TRIES = 10
#: How many keys one query reads when a project is deleted.
KEYS_AT_ONCE = 100


async def create_project(services: Services, *, identifier: str, spec: ProjectSpec, by: str) -> Project:
    """Create a project, and return it. Raises AlreadyExists."""
    stamp = Stamp(at=services.clock.now(), by=by)
    project = Project(**dict(spec), id=identifier, created=stamp, updated=stamp)
    try:
        await services.store.commit([Create(value=project)])
    except CommitConflict as exc:
        existing = await services.store.project(identifier)
        if existing is None or existing.value.created != stamp:
            raise AlreadyExists("project", identifier) from exc
    log_event("project_created", project=identifier, by=by)
    return project


async def edit_project(
    services: Services, *, project: str, changes: Mapping[str, Any], by: str, revision: int | None = None
) -> Project:
    """Change these fields of the project, and return it; `revision`, if given, must be the current one.

    Raises NotFound, RevisionMismatch, pydantic's ValidationError, StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        found = await _current(services, project, revision=revision)
        before = found.value
        fields = {field: getattr(before, field) for field in ProjectSpec.model_fields} | dict(changes)
        spec = ProjectSpec.model_validate(fields)
        if all(getattr(before, field) == getattr(spec, field) for field in ProjectSpec.model_fields):
            return before
        stamp = Stamp(at=services.clock.now(), by=by)
        after = before.model_copy(update=dict(spec) | {"revision": before.revision + 1, "updated": stamp})
        try:
            await services.store.commit([Change(before=found, after=after)])
        except CommitConflict:
            current = await services.store.project(project)
            if current is None or current.value.updated != stamp:
                continue
        log_event("project_edited", project=project, by=by)
        return after
    raise StoreUnavailable(f"The project {project!r} keeps changing: try again.")


async def delete_project(services: Services, *, project: str, by: str, revision: int | None = None) -> None:
    """Delete a project without triggers and agents, and its API keys; records of its runs stay until they expire.

    Raises NotFound, RevisionMismatch, InUse, StoreUnavailable.
    """
    found = await _current(services, project, revision=revision)
    triggers = await services.store.triggers(project, limit=1, token=None)
    agents = await services.store.agents(project, limit=1, token=None)
    if triggers.items:
        raise InUse("project", project, needed_by=f"the trigger {triggers.items[0].id!r}")
    if agents.items:
        raise InUse("project", project, needed_by=f"the agent {agents.items[0].id!r}")
    # The keys go first: a key that remained would open the next project with this id.
    while (keys := await services.store.api_keys(project, limit=KEYS_AT_ONCE, token=None)).items:
        for key in keys.items:
            await delete_key(services, key)
    try:
        await services.store.commit([Delete(value=found.value, version=found.version)])
    except CommitConflict as exc:
        if await services.store.project(project) is not None:
            raise StoreUnavailable(f"The project {project!r} was edited just now: try again.") from exc
    log_event("project_deleted", project=project, by=by)


async def _current(services: Services, project: str, *, revision: int | None) -> Versioned[Project]:
    found = await services.store.project(project)
    if found is None:
        raise NotFound("project", project)
    if revision is not None and found.value.revision != revision:
        raise RevisionMismatch("project", project, expected=str(revision), actual=str(found.value.revision))
    return found
