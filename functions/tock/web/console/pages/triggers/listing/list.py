"""The list of triggers."""

from starlette.responses import Response

from tock.web.console.pages.triggers.listing.filters import Filters
from tock.web.console.pages.triggers.listing.shown_triggers import shown_triggers
from tock.web.console.pages.triggers.read_again import read_again_in
from tock.web.console.routing import get
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
        read_again=read_again_in((each.next_run_at for each in shown.page.triggers), now=visit.now),
        agents={agent.id: agent for agent in agents.items},
        here=visit.path("triggers", **filters.query, page_token=token, first=first),
    )


def _number(text: str) -> int:
    """Return the number of a page's first trigger, which the address of the page before tells; 1 if it tells none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _LONGEST_NUMBER else 1


ROUTES = (get("/projects/{project}/triggers", list_triggers),)
