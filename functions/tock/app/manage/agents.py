"""Create, edit and delete agents."""

from collections.abc import Mapping
from typing import Any

from tock.app.log import log_event
from tock.app.services import Services
from tock.core.agent import Agent, AgentSpec
from tock.core.errors import (
    AlreadyExists,
    CommitConflict,
    InUse,
    InvalidArgument,
    NotFound,
    RevisionMismatch,
    StoreUnavailable,
)
from tock.core.stamp import Stamp
from tock.ports.store import Change, Create, Delete

#: How often an edit tries again when another edit came first.
MAX_TRIES = 10


async def create_agent(services: Services, *, project: str, identifier: str | None, spec: AgentSpec, by: str) -> Agent:
    """Create an agent, and return it. Raises NotFound (project), InvalidArgument (kind, config), AlreadyExists."""
    if await services.store.project(project) is None:
        raise NotFound("project", project)
    _require_runnable(services, spec)
    stamp = Stamp(at=services.clock.now(), by=by)
    name = identifier or f"a-{services.random.token()[:12]}"
    agent = Agent(**dict(spec), project=project, id=name, created=stamp, updated=stamp)
    try:
        await services.store.commit([Create(value=agent)])
    except CommitConflict as exc:
        existing = await services.store.agent(project, name)
        if existing is None or existing.value.created != stamp:
            raise AlreadyExists("agent", name) from exc
    log_event("agent_created", project=project, agent=name, by=by)
    return agent


async def edit_agent(
    services: Services, *, project: str, agent: str, changes: Mapping[str, Any], by: str, revision: int | None = None
) -> Agent:
    """Change these fields of the agent, and return it; attempts that start later use the new version.

    If `revision` is given, it must be the current one. Raises NotFound, InvalidArgument, RevisionMismatch, pydantic's
    ValidationError, StoreUnavailable.
    """
    for _ in range(MAX_TRIES):
        found = await services.store.agent(project, agent)
        if found is None:
            raise NotFound("agent", agent)
        before = found.value
        if revision is not None and before.revision != revision:
            raise RevisionMismatch("agent", agent, expected=str(revision), actual=str(before.revision))
        fields = {field: getattr(before, field) for field in AgentSpec.model_fields} | dict(changes)
        spec = AgentSpec.model_validate(fields)
        if all(getattr(before, field) == getattr(spec, field) for field in AgentSpec.model_fields):
            return before
        _require_runnable(services, spec)
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


async def delete_agent(services: Services, *, project: str, agent: str, by: str, revision: int | None = None) -> None:
    """Delete an agent that no trigger names; its queued and held runs will fail with the error `agent_missing`.

    Raises NotFound, RevisionMismatch, InUse, StoreUnavailable.
    """
    found = await services.store.agent(project, agent)
    if found is None:
        raise NotFound("agent", agent)
    if revision is not None and found.value.revision != revision:
        raise RevisionMismatch("agent", agent, expected=str(revision), actual=str(found.value.revision))
    using = await services.store.triggers(project, agent=agent, limit=1, token=None)
    if using.items:
        raise InUse("agent", agent, needed_by=f"the trigger {using.items[0].id!r}")
    try:
        await services.store.commit([Delete(value=found.value, version=found.version)])
    except CommitConflict as exc:
        if await services.store.agent(project, agent) is not None:
            raise StoreUnavailable(f"The agent {agent!r} was edited just now: try again.") from exc
    log_event("agent_deleted", project=project, agent=agent, by=by)


def _require_runnable(services: Services, spec: AgentSpec) -> None:
    if spec.kind not in services.executors:
        known = ", ".join(sorted(services.executors))
        raise InvalidArgument(field="kind", value=spec.kind, remedy=f"this deployment has these kinds: {known}")
    services.executors[spec.kind].check(spec.config)
