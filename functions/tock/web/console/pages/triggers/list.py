"""The list of triggers, and the switch that enables and disables one."""

from starlette.responses import Response

from tock.app.manage.overview.last_runs import last_runs
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit
from tock.web.resources.page import UnreadableShape
from tock.web.resources.triggers.trigger import TriggerResource

_PAGE_SIZE = 50


async def list_triggers(visit: Visit) -> Response:
    """Show the triggers, newest first."""
    query = visit.request.query_params
    page = await visit.services.store.triggers(
        visit.project, limit=_PAGE_SIZE, token=query.get("page_token") or None, agent=query.get("agent") or None
    )
    last = await last_runs(visit.services, project=visit.project, triggers=[trigger.id for trigger in page.items])
    return visit.page(
        "triggers/list.html",
        triggers=[TriggerResource.of(each, last_run=last.get(each.id), now=visit.now) for each in page.items],
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_token=page.next_token,
    )


async def enable(visit: Visit) -> Response:
    """Enable a trigger."""
    return await _switch(visit, enabled=True)


async def disable(visit: Visit) -> Response:
    """Disable a trigger."""
    return await _switch(visit, enabled=False)


async def _switch(visit: Visit, *, enabled: bool) -> Response:
    trigger = visit.request.path_params["trigger"]
    await edit_trigger(
        visit.services,
        project=visit.project,
        trigger=trigger,
        changes={"enabled": enabled},
        by=visit.known.author,
        revision=None,
    )
    if visit.is_partial:
        return Response(status_code=204)
    word = "enabled" if enabled else "disabled"
    return visit.go_on(visit.path("triggers"), notice=f"The trigger {trigger} is {word}.")


ROUTES = (
    get("/projects/{project}/triggers", list_triggers),
    post("/projects/{project}/triggers/{trigger}/enable", enable),
    post("/projects/{project}/triggers/{trigger}/disable", disable),
)
