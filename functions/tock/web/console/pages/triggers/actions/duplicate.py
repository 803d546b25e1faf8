"""Duplicate a trigger: the dialog that asks for the new id, what the server would refuse of it, and the duplicate."""

from collections.abc import Mapping

from starlette.responses import Response

from tock.app.manage.triggers.duplicate_trigger import duplicate_trigger
from tock.core.errors import AlreadyExists
from tock.core.trigger.trigger import Trigger
from tock.web.console.forms.form import Form
from tock.web.console.pages.triggers.found import found_trigger
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit
from tock.web.requests import parse
from tock.web.resources.triggers.duplicate_request import DuplicateRequest

_FIELDS = ("id", "enabled")


async def show_duplicate(visit: Visit) -> Response:
    """Show the dialog."""
    trigger = await found_trigger(visit)
    return _dialog(visit, trigger, texts={"id": f"{trigger.id}-copy"})


async def duplicate(visit: Visit) -> Response:
    """Create the duplicate, and show it."""
    trigger = await found_trigger(visit)
    try:
        request = _written(visit.form)
        made = await duplicate_trigger(
            visit.services,
            project=visit.project,
            trigger=trigger.id,
            identifier=request.id,
            enabled=request.enabled,
            by=visit.known.author,
        )
    except REFUSALS as exc:
        refused = Refused.of(exc, visit, fields=_FIELDS)
        return _dialog(visit, trigger, texts={"id": visit.form.text("id")}, refused=refused)
    state = "" if made.enabled else " It is disabled."
    return visit.go_on(visit.path("triggers", made.id), notice=f"The trigger {made.id} is like {trigger.id}.{state}")


async def check_duplicate(visit: Visit) -> Response:
    """Say what the server would refuse of the dialog as it is; nothing is created."""
    await found_trigger(visit)
    try:
        request = _written(visit.form)
        if request.id is not None and await visit.services.store.trigger(visit.project, request.id) is not None:
            raise AlreadyExists("trigger", request.id)
    except REFUSALS as exc:
        return Refused.foreseen(exc, visit, fields=_FIELDS).as_json()
    return NOTHING_REFUSED.as_json()


def _written(form: Form) -> DuplicateRequest:
    return parse(DuplicateRequest, {"id": form.text("id").strip(), "enabled": "enabled" in form})


def _dialog(
    visit: Visit, trigger: Trigger, *, texts: Mapping[str, str], refused: Refused = NOTHING_REFUSED
) -> Response:
    return visit.page(
        "triggers/actions/duplicate.html",
        status=refused.status,
        trigger=trigger.id,
        texts=texts,
        enabled="enabled" in visit.form,
        refused=refused,
    )


ROUTES = (
    get("/projects/{project}/triggers/{trigger}/duplicate", show_duplicate),
    post("/projects/{project}/triggers/{trigger}/duplicate", duplicate),
    post("/projects/{project}/triggers/{trigger}/duplicate/check", check_duplicate),
)
