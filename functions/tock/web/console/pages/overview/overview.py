"""The overview: whether the scheduler is alive, what ran, what comes, and what needs a person."""

from starlette.responses import Response

from tock.web.console.pages.overview.attention import attention
from tock.web.console.pages.overview.history import history
from tock.web.console.pages.overview.present import present
from tock.web.console.routing import get
from tock.web.console.visit import Visit


async def show_overview(visit: Visit) -> Response:
    """Show the overview of a project; one without agents is told how to begin."""
    agents = await visit.services.store.agents(visit.project, limit=1, token=None)
    triggers = await visit.services.store.triggers(visit.project, limit=1, token=None)
    return visit.page(
        "overview/overview.html",
        has_agents=bool(agents.found),
        has_triggers=bool(triggers.found),
        **await attention(visit),
        **await present(visit),
        **await history(visit),
    )


ROUTES = (get("/projects/{project}", show_overview),)
