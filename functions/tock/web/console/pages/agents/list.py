"""The agents of a project."""

from starlette.responses import Response

from tock.web.console.routing import get
from tock.web.console.visit import Visit
from tock.web.resources.page import UnreadableShape

_PAGE_SIZE = 50


async def list_agents(visit: Visit) -> Response:
    """Show the agents."""
    token = visit.request.query_params.get("page_token") or None
    page = await visit.services.store.agents(visit.project, limit=_PAGE_SIZE, token=token)
    return visit.page(
        "agents/list.html",
        agents=page.items,
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_token=page.next_token,
    )


ROUTES = (get("/projects/{project}/agents", list_agents),)
