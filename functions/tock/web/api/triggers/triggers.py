"""Routes of triggers: create, list, read, change, delete."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from tock.app.manage.overview.last_runs import last_runs
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.manage.triggers.replace_trigger import remove_trigger, replace_trigger
from tock.app.services import Services
from tock.core.errors import NotFound
from tock.core.fields.types import Identifier
from tock.core.trigger.cancel_choice import CancelChoice
from tock.core.trigger.trigger import Trigger, TriggerSpec
from tock.web.api.merge_patch import Changes, apply_patch, patch_body
from tock.web.api.routing import PROJECT, Caller, Revision, UseServices, api_router, mark_revision
from tock.web.resources.page import Paging, UnreadableShape
from tock.web.resources.triggers.trigger import NewTrigger, TriggerPage, TriggerResource

router = api_router(tag="triggers")
#: What the choice of runs to cancel means.
CANCEL = (
    "Which unfinished runs of its fire times are cancelled: pending (held, about to start, or waiting for a retry), "
    "all (also those that are running or wait for an answer), or none."
)
TRIGGER = f"{PROJECT}/triggers/{{trigger:segment}}"


class TriggerQuery(Paging):
    """Which triggers to return."""

    agent: Identifier | None = None


class CancelQuery(BaseModel):
    """Which runs end with the trigger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cancel: CancelChoice = Field(default=CancelChoice.PENDING, description=CANCEL)


@router.post(f"{PROJECT}/triggers", status_code=201)
async def create(
    *, project: str, body: NewTrigger, response: Response, caller: Caller, services: UseServices
) -> TriggerResource:
    """Create a trigger. Tock computes its next fire time."""
    trigger = await create_trigger(services, project=project, identifier=body.id, spec=body.spec, by=caller.author)
    response.headers["Location"] = f"/v1/projects/{project}/triggers/{trigger.id}"
    return await answer_trigger(trigger, response, services=services)


@router.get(f"{PROJECT}/triggers")
async def list_triggers(*, project: str, query: Annotated[TriggerQuery, Query()], services: UseServices) -> TriggerPage:
    """List the project's triggers, newest first."""
    return await page_of_triggers(services, project=project, agent=query.agent, paging=query)


@router.get(TRIGGER)
async def read(*, project: str, trigger: str, response: Response, services: UseServices) -> TriggerResource:
    """Return a trigger, with its revision as ETag."""
    found = await services.store.trigger(project, trigger)
    if found is None:
        raise NotFound("trigger", trigger)
    return await answer_trigger(found.value, response, services=services)


@router.patch(TRIGGER, openapi_extra=patch_body(TriggerSpec))
async def patch(
    *,
    project: str,
    trigger: str,
    changes: Changes,
    response: Response,
    caller: Caller,
    services: UseServices,
    revision: Revision,
) -> TriggerResource:
    """Change fields of a trigger.

    Null clears name, start, end, input.message, input.model and input.ref, sets schedule.time_zone and schedule.anchor
    back to their defaults, and is refused for every other field. input, its payload, retry, catch_up and schedule merge
    member by member: a new cron keeps its time_zone. A schedule of another kind replaces the old one. A change of name
    or description alone changes nothing else; any other change computes the next fire time again.
    """
    edited = await apply_patch(
        changes,
        spec=TriggerSpec,
        named=("trigger", trigger),
        revision=revision,
        read=lambda: services.store.trigger(project, trigger),
        edit=lambda changes, revision: edit_trigger(
            services, project=project, trigger=trigger, changes=changes, by=caller.author, revision=revision
        ),
        replace=lambda spec: replace_trigger(
            services, project=project, trigger=trigger, spec=spec, by=caller.author, revision=revision
        ),
    )
    return await answer_trigger(edited, response, services=services)


@router.put(TRIGGER)
async def put(
    *,
    project: str,
    trigger: str,
    body: TriggerSpec,
    response: Response,
    caller: Caller,
    services: UseServices,
    revision: Revision,
) -> TriggerResource:
    """Replace a trigger as a whole, also one that cannot be read; absent fields get their defaults."""
    replaced = await replace_trigger(
        services, project=project, trigger=trigger, spec=body, by=caller.author, revision=revision
    )
    return await answer_trigger(replaced, response, services=services)


@router.delete(TRIGGER, status_code=204)
async def delete(
    *,
    project: str,
    trigger: str,
    query: Annotated[CancelQuery, Query()],
    caller: Caller,
    services: UseServices,
    revision: Revision,
) -> None:
    """Disable a trigger, cancel the unfinished runs of its fire times, and delete it; its runs and revisions stay."""
    await remove_trigger(
        services, project=project, trigger=trigger, by=caller.author, revision=revision, cancel=query.cancel
    )


async def answer_trigger(trigger: Trigger, response: Response, *, services: Services) -> TriggerResource:
    """Return the trigger as readers see it, and set its revision as ETag."""
    mark_revision(response, trigger.revision)
    last_run = await services.store.last_run(trigger.project, trigger.id)
    return TriggerResource.of(trigger, last_run=last_run, now=services.clock.now())


async def page_of_triggers(services: Services, *, project: str, agent: str | None, paging: Paging) -> TriggerPage:
    """Return a page of the project's triggers, of one agent or of all, newest first."""
    page = await services.store.triggers(project, limit=paging.page_size, token=paging.token, agent=agent)
    last = await last_runs(services, project=project, triggers=[trigger.id for trigger in page.items])
    now = services.clock.now()
    return TriggerPage(
        triggers=tuple(TriggerResource.of(each, last_run=last.get(each.id), now=now) for each in page.items),
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_page_token=page.next_token,
    )
