"""One run: what happened, live, and what can be done with it."""

from starlette.responses import Response

from tock.web.console.pages.runs import run_actions, run_log
from tock.web.console.pages.runs.run_view import run_view
from tock.web.console.routing import get
from tock.web.console.visit import Visit


async def show_run(visit: Visit) -> Response:
    """Show a run."""
    return await run_view(visit)


ROUTES = (get("/projects/{project}/runs/{run}", show_run), *run_log.ROUTES, *run_actions.ROUTES)
