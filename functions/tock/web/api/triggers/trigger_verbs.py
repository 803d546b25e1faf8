"""Routes of the verbs of a trigger: run, enable, disable, duplicate, preview, prove, explain."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from tock.app.manage.proof.explain import explain
from tock.app.manage.proof.prove import prove_trigger
from tock.app.manage.triggers.duplicate_trigger import duplicate_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.start.run_now import run_trigger
from tock.core.errors import NotFound
from tock.core.trigger.cancel_choice import CancelChoice
from tock.web.api.launched import REPEATED, answer_launched
from tock.web.api.routing import PROJECT, Caller, Key, Revision, UseServices, api_router
from tock.web.api.triggers.triggers import CANCEL, TRIGGER, answer_trigger
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.run_request import RunRequest
from tock.web.resources.triggers.duplicate_request import DuplicateRequest
from tock.web.resources.triggers.preview import Preview, PreviewQuery, PreviewRequest, preview_new, preview_of
from tock.web.resources.triggers.proof import ProofQuery, ProofResource
from tock.web.resources.triggers.trigger import TriggerResource
from tock.web.resources.triggers.why import WhyQuery, WhyResource

router = api_router(tag="triggers")


class Nothing(BaseModel):
    """A body without fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DisableRequest(BaseModel):
    """Which runs end with the trigger."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cancel: CancelChoice = Field(default=CancelChoice.PENDING, description=CANCEL)


@router.post(f"{TRIGGER}:run", status_code=202, responses=REPEATED)
async def run(
    *,
    project: str,
    trigger: str,
    response: Response,
    caller: Caller,
    services: UseServices,
    key: Key,
    body: RunRequest | None = None,
) -> RunResource:
    """Run a trigger now, enabled or not; its schedule and next fire time stay as they are."""
    options = (body or RunRequest()).options
    launched = await run_trigger(services, project=project, trigger=trigger, options=options, key=key, by=caller.author)
    return answer_launched(launched, response)


@router.post(f"{TRIGGER}:enable")
async def enable(
    *,
    project: str,
    trigger: str,
    response: Response,
    caller: Caller,
    services: UseServices,
    revision: Revision,
    _body: Nothing | None = None,
) -> TriggerResource:
    """Enable a trigger; its next fire time is computed from now."""
    changes = {"enabled": True}
    edited = await edit_trigger(
        services, project=project, trigger=trigger, changes=changes, by=caller.author, revision=revision
    )
    return await answer_trigger(edited, response, services=services)


@router.post(f"{TRIGGER}:disable")
async def disable(
    *,
    project: str,
    trigger: str,
    response: Response,
    caller: Caller,
    services: UseServices,
    revision: Revision,
    body: DisableRequest | None = None,
) -> TriggerResource:
    """Disable a trigger and cancel the unfinished runs of its fire times; running ones only if asked."""
    edited = await edit_trigger(
        services,
        project=project,
        trigger=trigger,
        changes={"enabled": False},
        by=caller.author,
        revision=revision,
        cancel=(body or DisableRequest()).cancel,
    )
    return await answer_trigger(edited, response, services=services)


@router.post(f"{TRIGGER}:duplicate", status_code=201)
async def duplicate(
    *,
    project: str,
    trigger: str,
    response: Response,
    caller: Caller,
    services: UseServices,
    body: DuplicateRequest | None = None,
) -> TriggerResource:
    """Create a trigger with all fields of this one but the label managed-by; disabled, unless asked otherwise."""
    given = body or DuplicateRequest()
    made = await duplicate_trigger(
        services, project=project, trigger=trigger, identifier=given.id, enabled=given.enabled, by=caller.author
    )
    response.headers["Location"] = f"/v1/projects/{project}/triggers/{made.id}"
    return await answer_trigger(made, response, services=services)


@router.get(f"{TRIGGER}:preview")
async def preview_trigger(
    *, project: str, trigger: str, query: Annotated[PreviewQuery, Query()], services: UseServices
) -> Preview:
    """Return the next fire times of a trigger within its start and end, and whether it is enabled to fire at them."""
    found = await services.store.trigger(project, trigger)
    if found is None:
        raise NotFound("trigger", trigger)
    return preview_of(found.value, query, now=services.clock.now())


@router.post(f"{PROJECT}/triggers:preview")
async def preview_schedule(
    *,
    project: str,  # noqa: ARG001 - the path names it; whether the caller may see it is checked before
    body: PreviewRequest,
    services: UseServices,
) -> Preview:
    """Return the next fire times of a schedule, without storing it; what no trigger may have is refused."""
    shortest = services.timing.shortest_interval
    return preview_new(body.schedule, body, now=services.clock.now(), shortest_interval=shortest)


@router.get(f"{TRIGGER}:proof")
async def prove(
    *, project: str, trigger: str, query: Annotated[ProofQuery, Query()], services: UseServices
) -> ProofResource:
    """Prove that every occurrence of a trigger in an interval is accounted for exactly once.

    The expected occurrences are computed from the trigger's revisions, their status is read from the records of its
    runs. A deleted trigger can be proved too.
    """
    found = await prove_trigger(services, project=project, trigger=trigger, since=query.since, until=query.until)
    return ProofResource.of(found, project=project, trigger=trigger, with_occurrences=query.occurrences)


@router.get(f"{TRIGGER}:why")
async def why(*, project: str, trigger: str, query: Annotated[WhyQuery, Query()], services: UseServices) -> WhyResource:
    """Say what became of a trigger at one time and why: its run, or the reason why it has none.

    It judges by the trigger's revisions and the records of its runs, as the proof does. The trigger may be deleted.
    """
    found = await explain(services, project=project, trigger=trigger, time=query.time)
    return WhyResource.of(found, project=project, trigger=trigger)
