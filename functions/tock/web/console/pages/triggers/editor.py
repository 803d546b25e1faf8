"""The editor of triggers: one form for a new trigger and for a stored one, with a live preview of what it would do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import JSONResponse, Response

from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.core.differing_fields import differing_fields
from tock.core.errors import AlreadyExists, NotFound, RevisionMismatch, TockError
from tock.core.identifier import is_identifier
from tock.core.schedule.schedule import CronSchedule
from tock.core.schedule.time_zones import is_time_zone, offered_time_zones
from tock.core.trigger.trigger import Input, PauseReason, Trigger, TriggerSpec
from tock.web.console.pages.triggers.trigger_form.agents import agent_choices
from tock.web.console.pages.triggers.trigger_form.control import text
from tock.web.console.pages.triggers.trigger_form.controls import CONTROLS, OWN_EVIDENCE
from tock.web.console.pages.triggers.trigger_form.draft import FORM, ID, Draft, opened, sent, typed
from tock.web.console.pages.triggers.trigger_form.outlook import look_ahead, zoned_text
from tock.web.console.pages.triggers.trigger_form.schedule_form import BUILDER_CONTROLS, BUILDERS, PRESETS, WEEKDAYS
from tock.web.console.routing import get, post
from tock.web.console.times import relative_text
from tock.web.console.visit import Visit
from tock.web.error_responses import problem_of
from tock.web.resources.triggers.trigger import TriggerResource

_ZONES_KEPT = {"Cache-Control": "private, max-age=86400"}
_TAKES_ID = "takes 1 to 255 letters, digits, '.', '_' and '-', and no word that Tock reserves"
#: The policies that are folded away until somebody wants them.
_RARE = frozenset({"catch_up", "start_deadline", "retry", "session", "progress_every", "evidence"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed the trigger while the form was open."""

    by: str
    when: str
    #: The revision that would be saved over, and the fields that would then change.
    revision: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was saved, and the status of the answer that says so."""

    status: int
    message: str
    conflict: Conflict | None = None


async def show_new(visit: Visit) -> Response:
    """Show the form of a new trigger: of the agent `agent` and with the schedule `preset`, if the query says so."""
    agent = visit.request.query_params.get("agent", "")
    return await _page(visit, _opened(visit, _new_fields(visit, agent=agent)))


async def preview_new(visit: Visit) -> Response:
    """Show what the new trigger would do."""
    return await _page(visit, _new_draft(visit).without_omissions())


async def create(visit: Visit) -> Response:
    """Create the trigger, and go on to its page; a form that is refused is shown again."""
    identifier = visit.form.text(ID).strip() or None
    draft = _new_draft(visit)
    if draft.spec is None or draft.errors:
        return await _page(visit, draft, refusal=_WRONG)
    try:
        made = await create_trigger(
            visit.services, project=visit.project, identifier=identifier, spec=draft.spec, by=visit.known.author
        )
    except (TockError, ValueError) as exc:
        return await _refused(visit, draft, exc)
    return _saved(visit, made, word="created")


async def show_edit(visit: Visit) -> Response:
    """Show the form of a stored trigger."""
    trigger = await _found(visit)
    return await _page(visit, _opened(visit, _fields(trigger)), trigger=trigger)


async def preview_edit(visit: Visit) -> Response:
    """Show what the trigger would do."""
    trigger = await _found(visit)
    draft = typed(sent(visit.form), before=_fields(trigger), zone=_zone(visit))
    return await _page(visit, draft.without_omissions(), trigger=trigger)


async def save(visit: Visit) -> Response:
    """Save what was typed, if nobody else has changed the trigger since the form was opened.

    Only fields that were typed are sent. With `overwrite`, the revision that the person was told of is saved over.
    """
    trigger = await _found(visit)
    draft = typed(sent(visit.form), before=_fields(trigger), zone=_zone(visit))
    revision = _revision(visit.form.text("overwrite") or visit.form.text("revision"))
    if revision != trigger.revision and (draft.changed or draft.errors):
        return await _conflict(visit, draft, trigger)
    if draft.spec is None or draft.errors:
        return await _page(visit, draft, trigger=trigger, refusal=_WRONG)
    if not differing_fields(trigger, draft.spec, fields=draft.changed):
        return visit.go_on(
            visit.path("triggers", trigger.id), notice=f"Nothing was changed: the trigger {trigger.id} stays as it is."
        )
    try:
        edited = await edit_trigger(
            visit.services,
            project=visit.project,
            trigger=trigger.id,
            changes=draft.changes,
            by=visit.known.author,
            revision=revision,
        )
    except RevisionMismatch:
        return await _conflict(visit, draft, await _found(visit))
    except (TockError, ValueError) as exc:
        return await _refused(visit, draft, exc, trigger=trigger)
    return _saved(visit, edited, word="saved")


async def time_zones(_visit: Visit) -> Response:
    """Return the names of the time zones, for the lists of the forms."""
    return JSONResponse(offered_time_zones(), headers=_ZONES_KEPT)


_WRONG = Refusal(400, "Nothing was saved yet: correct the fields that are marked.")


async def _page(
    visit: Visit, draft: Draft, *, trigger: Trigger | None = None, refusal: Refusal | None = None
) -> Response:
    """Show the form with a draft; for a page that is open already, only the preview and the errors of its fields."""
    outlook, draft = look_ahead(
        draft,
        now=visit.now,
        shortest_interval=visit.services.timing.shortest_interval,
        is_new=trigger is None,
    )
    chosen = text(draft.texts, "agent").strip()
    # Somebody who types asks for the preview again and again; only the whole page offers agents.
    agents = None if visit.is_partial else await agent_choices(visit.services, visit.project, chosen=chosen)
    return visit.page(
        "triggers/editor_preview.html" if visit.is_partial else "triggers/editor.html",
        status=200 if refusal is None else refusal.status,
        trigger=trigger,
        draft=draft,
        revision=visit.form.text("revision") or (trigger.revision if trigger else ""),
        controls=CONTROLS,
        agents=agents,
        outlook=outlook,
        rarely=_has_rare_errors(draft),
        was_ended=trigger is not None and _was_ended(trigger),
        refusal=refusal,
        builders=BUILDERS,
        builder_controls=BUILDER_CONTROLS,
        presets=PRESETS,
        weekdays=WEEKDAYS,
        own_evidence=OWN_EVIDENCE,
        action=visit.path("triggers", "new") if trigger is None else visit.path("triggers", trigger.id, "edit"),
    )


async def _refused(visit: Visit, draft: Draft, error: Exception, *, trigger: Trigger | None = None) -> Response:
    """Show the form again, with the sentence of a use case beside the field that it names."""
    problem = problem_of(error, request=visit.request)
    if isinstance(error, AlreadyExists):
        draft = draft.with_errors([(ID, f"{problem.detail} Choose another id.")])
    draft = draft.with_errors((each.field, each.message) for each in problem.errors)
    message = draft.errors.get(FORM) or (_WRONG.message if draft.errors else problem.detail)
    return await _page(visit, draft, trigger=trigger, refusal=Refusal(problem.status, message))


async def _conflict(visit: Visit, draft: Draft, trigger: Trigger) -> Response:
    """Show the form again, and who was faster: the person may look at that version, or save over it."""
    differing = draft.changed
    if draft.spec is not None:
        differing = differing_fields(trigger, draft.spec, fields=TriggerSpec.model_fields)
    conflict = Conflict(
        by=trigger.updated.by,
        when=relative_text(trigger.updated.at, now=visit.now),
        revision=trigger.revision,
        fields=tuple(sorted(differing)),
    )
    message = f"{conflict.by} changed this trigger {conflict.when}, while your form was open: nothing was saved."
    return await _page(visit, draft, trigger=trigger, refusal=Refusal(412, message, conflict))


def _saved(visit: Visit, trigger: Trigger, *, word: str) -> Response:
    following = TriggerResource.of(trigger, last_run=None, now=visit.now).next_run_at
    if following is None:
        then = "It is disabled, so it has no fire time." if not trigger.enabled else "It has no fire time left."
    else:
        at = zoned_text(following, zone=visit.reader.zone, now=visit.now)
        then = f"It fires next {relative_text(following, now=visit.now)}: {at} ({visit.reader.zone_name})."
    return visit.go_on(visit.path("triggers", trigger.id), notice=f"The trigger {trigger.id} is {word}. {then}")


async def _found(visit: Visit) -> Trigger:
    """Return the trigger as people see it. Raises NotFound, DocumentUnreadable."""
    identifier = visit.request.path_params["trigger"]
    found = await visit.services.store.trigger(visit.project, identifier)
    if found is None:
        raise NotFound("trigger", identifier)
    return found.value.until_last_fire_time(visit.now)


def _fields(trigger: Trigger) -> dict[str, Any]:
    return {field: getattr(trigger, field) for field in TriggerSpec.model_fields}


def _new_fields(visit: Visit, *, agent: str = "") -> Mapping[str, Any]:
    """Return the fields of a new trigger: those that the form opens with, in the reader's time zone."""
    schedule = CronSchedule(cron="0 9 * * 1-5", time_zone=visit.reader.zone_name)
    defaults = {name: field.get_default(call_default_factory=True) for name, field in TriggerSpec.model_fields.items()}
    return defaults | {"agent": agent or None, "schedule": schedule, "input": Input()}


def _new_draft(visit: Visit) -> Draft:
    """Return what was typed into the form of a new trigger, with what is wrong with its id."""
    draft = typed(sent(visit.form), before=_new_fields(visit), zone=_zone(visit))
    identifier = visit.form.text(ID).strip()
    is_refused = bool(identifier) and not is_identifier(identifier)
    return draft.with_errors([(ID, _TAKES_ID)]) if is_refused else draft


def _opened(visit: Visit, fields: Mapping[str, Any]) -> Draft:
    """Return the draft of a form that is opened, with the schedule `preset` if the query says so."""
    draft = opened(fields, zone=visit.reader.zone)
    name = visit.request.query_params.get("preset")
    chosen = next((preset for preset in PRESETS if preset.name == name), None)
    if chosen is None:
        return draft
    found = typed({**draft.texts, **chosen.texts}, before=fields, zone=visit.reader.zone)
    return replace(found, errors={})


def _zone(visit: Visit) -> ZoneInfo:
    """Return the zone of the local times of the form, which is the reader's when it was opened."""
    name = visit.form.text("zone")
    return ZoneInfo(name) if is_time_zone(name) else visit.reader.zone


def _was_ended(trigger: Trigger) -> bool:
    """Whether a tick disabled the trigger, so that another schedule enables it again (`edit_trigger`)."""
    return trigger.paused is not None and trigger.paused.reason is not PauseReason.DISABLED


def _has_rare_errors(draft: Draft) -> bool:
    """Whether something is wrong among the policies that are folded away."""
    return any(name.partition(".")[0] in _RARE for name in draft.errors)


def _revision(given: str) -> int:
    return int(given) if given.isascii() and given.isdecimal() else 0


ROUTES = (
    get("/time-zones", time_zones),
    get("/projects/{project}/triggers/new", show_new),
    post("/projects/{project}/triggers/new", create),
    post("/projects/{project}/triggers/new/preview", preview_new),
    get("/projects/{project}/triggers/{trigger}/edit", show_edit),
    post("/projects/{project}/triggers/{trigger}/edit", save),
    post("/projects/{project}/triggers/{trigger}/edit/preview", preview_edit),
)
