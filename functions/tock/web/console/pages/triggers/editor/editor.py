"""The editor of triggers: one form for a new trigger and for a stored one, with a live preview of what it would do."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import JSONResponse, Response

from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.core.errors import RevisionMismatch, TockError
from tock.core.fields.differing import differing_fields
from tock.core.ids.identifier import is_identifier
from tock.core.schedule.schedule import CronSchedule
from tock.core.schedule.time_zones import is_time_zone, offered_time_zones
from tock.core.trigger.trigger import Input, Trigger, TriggerSpec
from tock.web.console.forms.written import expected_revision
from tock.web.console.pages.triggers.editor.page import WRONG, conflict_page, editor_page, refused_page
from tock.web.console.pages.triggers.editor.trigger_form.draft import ID, Draft, opened, sent, typed
from tock.web.console.pages.triggers.editor.trigger_form.outlook import zoned_text
from tock.web.console.pages.triggers.editor.trigger_form.schedule_form import PRESETS
from tock.web.console.pages.triggers.found import found_trigger
from tock.web.console.routing import get, post
from tock.web.console.times import relative_text
from tock.web.console.visit import Visit
from tock.web.resources.triggers.trigger import TriggerResource

_ZONES_KEPT = {"Cache-Control": "private, max-age=86400"}
_TAKES_ID = "takes 1 to 255 letters, digits, '.', '_' and '-', and no word that Tock reserves"


async def show_new(visit: Visit) -> Response:
    """Show the form of a new trigger: of the agent `agent` and with the schedule `preset`, if the query says so."""
    agent = visit.request.query_params.get("agent", "")
    return await editor_page(visit, _opened(visit, _new_fields(visit, agent=agent)))


async def preview_new(visit: Visit) -> Response:
    """Show what the new trigger would do."""
    return await editor_page(visit, _while_typing(visit, _new_draft(visit)))


async def create(visit: Visit) -> Response:
    """Create the trigger, and go on to its page; a form that is refused is shown again."""
    identifier = visit.form.text(ID).strip() or None
    draft = _new_draft(visit)
    if draft.spec is None or draft.errors:
        return await editor_page(visit, draft, refusal=WRONG)
    try:
        made = await create_trigger(
            visit.services, project=visit.project, identifier=identifier, spec=draft.spec, by=visit.known.author
        )
    except (TockError, ValueError) as exc:
        return await refused_page(visit, draft, exc)
    return _saved(visit, made, word="created")


async def show_edit(visit: Visit) -> Response:
    """Show the form of a stored trigger."""
    trigger = await _found(visit)
    return await editor_page(visit, _opened(visit, _fields(trigger)), trigger=trigger)


async def preview_edit(visit: Visit) -> Response:
    """Show what the trigger would do."""
    trigger = await _found(visit)
    draft = typed(sent(visit.form), before=_fields(trigger), zone=_zone(visit))
    return await editor_page(visit, _while_typing(visit, draft), trigger=trigger)


async def save(visit: Visit) -> Response:
    """Save what was typed, if nobody else has changed the trigger since the form was opened.

    Only fields that were typed are sent. With `overwrite`, the revision that the person was told of is saved over.
    """
    trigger = await _found(visit)
    draft = typed(sent(visit.form), before=_fields(trigger), zone=_zone(visit))
    revision = expected_revision(visit.form, "overwrite") or expected_revision(visit.form)
    if revision != trigger.revision and (draft.changed or draft.errors):
        return await conflict_page(visit, draft, trigger)
    if draft.spec is None or draft.errors:
        return await editor_page(visit, draft, trigger=trigger, refusal=WRONG)
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
        return await conflict_page(visit, draft, await _found(visit))
    except (TockError, ValueError) as exc:
        return await refused_page(visit, draft, exc, trigger=trigger)
    return _saved(visit, edited, word="saved")


async def time_zones(_visit: Visit) -> Response:
    """Return the names of the time zones, for the lists of the forms; the page where people sign in has one, too."""
    return JSONResponse(offered_time_zones(), headers=_ZONES_KEPT)


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
    return (await found_trigger(visit)).until_last_fire_time(visit.now)


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


def _while_typing(visit: Visit, draft: Draft) -> Draft:
    """Return the draft without what is still to be filled in, unless the form was refused: then its marks stay."""
    return draft if "refused" in visit.form else draft.without_omissions()


def _zone(visit: Visit) -> ZoneInfo:
    """Return the zone of the local times of the form, which is the reader's when it was opened."""
    name = visit.form.text("zone")
    return ZoneInfo(name) if is_time_zone(name) else visit.reader.zone


ROUTES = (
    get("/time-zones", time_zones, open_to_all=True),
    get("/projects/{project}/triggers/new", show_new),
    post("/projects/{project}/triggers/new", create),
    post("/projects/{project}/triggers/new/preview", preview_new),
    get("/projects/{project}/triggers/{trigger}/edit", show_edit),
    post("/projects/{project}/triggers/{trigger}/edit", save),
    post("/projects/{project}/triggers/{trigger}/edit/preview", preview_edit),
)
