"""The overview: whether the scheduler is alive, what ran, what comes, and what needs a person."""

from starlette.responses import Response

from tock.web.console.routing import get
from tock.web.console.visit import Visit


async def show_overview(visit: Visit) -> Response:
    """Show the overview of a project."""
    state = await visit.services.store.scheduler()
    backlog = await visit.services.store.backlog(until=visit.now)
    return visit.page("overview/overview.html", scheduler=state, backlog=backlog)


ROUTES = (get("/projects/{project}", show_overview),)
