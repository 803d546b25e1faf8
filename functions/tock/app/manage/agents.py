"""Create, edit, replace and delete agents."""

from collections.abc import Mapping
from typing import Any

from tock.app.as_stored import as_stored
from tock.app.log import log_event
from tock.app.manage.owner import owner_of, unchanged
from tock.app.manage.stored import Expected, require_revision, write_mended
from tock.app.services import Services
from tock.core.agent.agent import Agent, AgentSpec
from tock.core.errors import (
    AlreadyExists,
    CommitConflict,
    DocumentUnreadable,
    InUse,
    InvalidArgument,
    NotFound,
    StoreUnavailable,
)
from tock.core.fields.differing import differing_fields
from tock.core.time.stamp import Stamp
from tock.core.unreadable import Unreadable
from tock.ports.store import Change, Create, Delete, Versioned

#: How often a creation or an edit tries again when another edit came first.
MAX_TRIES = 10


async def create_agent(services: Services, *, project: str, identifier: str | None, spec: AgentSpec, by: str) -> Agent:
    """Create an agent, and return it.

    Raises NotFound (project), BeingDeleted, InvalidArgument (kind, config), AlreadyExists, StoreUnavailable.
    """
    stamp = Stamp(at=services.clock.now(), by=by)
    name = identifier or f"a-{services.random.token()[:12]}"
    for _ in range(MAX_TRIES):
        owner = await owner_of(services, project)
        agent = Agent(
            **dict(spec),
            project=project,
            id=name,
            project_concurrency=owner.value.concurrency,
            created=stamp,
            updated=stamp,
        )
        require_runnable(services, spec, project=project)
        try:
            await services.store.commit([Create(value=agent), unchanged(owner)])
        except CommitConflict as exc:
            existing = await as_stored(services.store.agent(project, name))
            if existing is None:
                # The project was edited or deleted meanwhile.
                continue
            if isinstance(existing, Unreadable) or existing.value.created != stamp:
                raise AlreadyExists("agent", name) from exc
        log_event("agent_created", project=project, agent=name, by=by)
        return agent
    raise StoreUnavailable(f"The project {project!r} keeps changing: try again.")


async def edit_agent(
    services: Services,
    *,
    project: str,
    agent: str,
    changes: Mapping[str, Any],
    by: str,
    revision: Expected | None = None,
) -> Agent:
    """Change these fields of the agent, and return it; attempts that start later use the new version.

    If `revision` is given, it must be the current one. Raises NotFound, InvalidArgument, RevisionMismatch,
    DocumentUnreadable, pydantic's ValidationError, StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        found = await services.store.agent(project, agent)
        if found is None:
            raise NotFound("agent", agent)
        require_revision("agent", found, expected=revision)
        before = found.value
        fields = {field: getattr(before, field) for field in AgentSpec.model_fields} | dict(changes)
        spec = AgentSpec.model_validate(fields)
        if not differing_fields(before, spec, fields=AgentSpec.model_fields):
            return before
        require_runnable(services, spec, project=project)
        stamp = Stamp(at=services.clock.now(), by=by)
        after = before.model_copy(update=dict(spec) | {"revision": before.revision + 1, "updated": stamp})
        try:
            await services.store.commit([Change(before=found, after=after)])
        except CommitConflict:
            current = await services.store.agent(project, agent)
            if current is None or current.value.updated != stamp:
                continue
        log_event("agent_edited", project=project, agent=agent, by=by)
        return after
    raise StoreUnavailable(f"The agent {agent!r} keeps changing: try again.")


async def replace_agent(
    services: Services, *, project: str, agent: str, spec: AgentSpec, by: str, revision: Expected | None = None
) -> Agent:
    """Give the agent all fields of `spec`, even if the stored agent cannot be read, and return it.

    Raises NotFound, InvalidArgument, RevisionMismatch, StoreUnavailable.
    """
    try:
        return await edit_agent(services, project=project, agent=agent, changes=dict(spec), by=by, revision=revision)
    except DocumentUnreadable as exc:
        found = exc.found
    require_revision("agent", found, expected=revision)
    require_runnable(services, spec, project=project)
    stamp = Stamp(at=services.clock.now(), by=by)
    number = (found.revision or 0) + 1
    owner = await as_stored(services.store.project(project))
    mended = Agent(
        **dict(spec),
        project=project,
        id=agent,
        revision=number,
        project_concurrency=owner.value.concurrency if isinstance(owner, Versioned) else None,
        created=found.created or stamp,
        updated=stamp,
    )
    await write_mended(services, mended, found=found, read=lambda: services.store.agent(project, agent))
    log_event("agent_mended", project=project, agent=agent, by=by, problem=found.problem)
    return mended


async def delete_agent(
    services: Services, *, project: str, agent: str, by: str, revision: Expected | None = None
) -> None:
    """Delete an agent that no trigger names; its queued and held runs will fail with the error `agent_missing`.

    Raises NotFound, RevisionMismatch, InUse, StoreUnavailable.
    """
    found = await as_stored(services.store.agent(project, agent))
    if found is None:
        raise NotFound("agent", agent)
    require_revision("agent", found, expected=revision)
    using = await services.store.triggers(project, agent=agent, limit=1, token=None)
    for trigger in using.found:
        raise InUse("agent", agent, needed_by=f"the trigger {trigger.id!r}")
    try:
        await services.store.commit([Delete.of(found)])
    except CommitConflict as exc:
        if await as_stored(services.store.agent(project, agent)) is not None:
            raise StoreUnavailable(f"The agent {agent!r} was edited just now: try again.") from exc
    log_event("agent_deleted", project=project, agent=agent, by=by)


def require_runnable(services: Services, spec: AgentSpec, *, project: str) -> None:
    """Return if the deployment has the agent's kind and takes its configuration. Raises InvalidArgument."""
    # A deployment's executors raise an error of their own for a kind that they could have.
    executor = services.executors.get(spec.kind)
    if executor is None:
        known = ", ".join(sorted(services.executors))
        raise InvalidArgument(field="kind", value=spec.kind, remedy=f"this deployment has these kinds: {known}")
    executor.check(spec.config, project=project)
