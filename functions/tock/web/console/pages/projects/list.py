"""The projects that the person may open."""

from starlette.responses import RedirectResponse, Response

from tock.web.console.routing import get
from tock.web.console.visit import Visit, project_path
from tock.web.resources.page import UnreadableShape

_PAGE_SIZE = 50


async def go_to_start(visit: Visit) -> Response:
    """Go to the only project, or else to the list of projects."""
    if visit.known.project is not None:
        return RedirectResponse(project_path(visit.known.project), status_code=303)
    page = await visit.services.store.projects(limit=2, token=None)
    if len(page.items) == 1 and page.next_token is None and not page.unreadable:
        return RedirectResponse(project_path(page.items[0].id), status_code=303)
    return RedirectResponse("/projects", status_code=303)


async def list_projects(visit: Visit) -> Response:
    """Show the projects."""
    if visit.known.project is not None:
        return RedirectResponse(project_path(visit.known.project), status_code=303)
    token = visit.request.query_params.get("page_token")
    page = await visit.services.store.projects(limit=_PAGE_SIZE, token=token)
    return visit.page(
        "projects/list.html",
        projects=page.items,
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_token=page.next_token,
        path_of=project_path,
    )


ROUTES = (get("/", go_to_start), get("/projects", list_projects))
