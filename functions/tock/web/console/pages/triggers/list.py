"""The list of triggers, and the switch that enables and disables one."""

from starlette.responses import Response

from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.web.console.pages.triggers.filters import Filters
from tock.web.console.pages.triggers.shown_triggers import shown_triggers
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit

#: How many agents can be chosen from; the address takes every other one too.
_MOST_AGENTS = 100
_LONGEST_NUMBER = 9


async def list_triggers(visit: Visit) -> Response:
    """Show the triggers, newest first."""
    query = visit.request.query_params
    filters, token, first = Filters.of(query), query.get("page_token", ""), query.get("first", "")
    shown = await shown_triggers(visit, filters, token=token or None, first=_number(first))
    agents = await visit.services.store.agents(visit.project, limit=_MOST_AGENTS, token=None)
    return visit.page(
        "triggers/list.html",
        shown=shown,
        filters=filters,
        agents={agent.id: agent for agent in agents.items},
        here=visit.path("triggers", **filters.query, page_token=token, first=first),
    )


def _number(text: str) -> int:
    """Return the number of a page's first trigger, which the address of the page before tells; 1 if it tells none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _LONGEST_NUMBER else 1


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
