"""The list of runs."""

from starlette.responses import Response

from tock.ports.store import RunFilter
from tock.web.console.routing import get
from tock.web.console.visit import Visit
from tock.web.resources.page import UnreadableShape
from tock.web.resources.runs.run import RunResource

_PAGE_SIZE = 50


async def list_runs(visit: Visit) -> Response:
    """Show the runs, the latest scheduled first."""
    token = visit.request.query_params.get("page_token") or None
    page = await visit.services.store.runs(visit.project, matching=RunFilter(), limit=_PAGE_SIZE, token=token)
    return visit.page(
        "runs/list.html",
        runs=[RunResource.of(run) for run in page.items],
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_token=page.next_token,
    )


ROUTES = (get("/projects/{project}/runs", list_runs),)
