"""The projects that the person may open, and a new one."""

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response

from tock.app.manage.projects.projects import create_project
from tock.web.console.pages.projects.project_form import FIELDS, typed_texts, written_project
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit, project_path
from tock.web.requests import parse
from tock.web.resources.page import Paging, UnreadableShape
from tock.web.resources.projects.project import NewProject


async def go_to_start(visit: Visit) -> Response:
    """Go to the only project, or else to the list of projects."""
    if visit.known.project is not None:
        return RedirectResponse(project_path(visit.known.project), status_code=303)
    page = await visit.services.store.projects(limit=2, token=None)
    if len(page.items) == 1 and page.next_token is None and not page.unreadable:
        return RedirectResponse(project_path(page.items[0].id), status_code=303)
    return RedirectResponse("/projects", status_code=303)


async def list_projects(visit: Visit) -> Response:
    """Show the projects; a project's key opens only its own."""
    if visit.known.project is not None:
        return RedirectResponse(project_path(visit.known.project), status_code=303)
    paging = parse(Paging, dict(visit.request.query_params))
    page = await visit.services.store.projects(limit=paging.page_size, token=paging.token)
    return visit.page(
        "projects/list.html",
        projects=page.items,
        unreadable=UnreadableShape.of_all(page.unreadable),
        first_page=paging.token is None,
        next_token=page.next_token,
        path_of=project_path,
    )


async def show_new(visit: Visit) -> Response:
    """Show the form of a new project."""
    visit.known.require_deployment()
    return _form(visit, texts=dict.fromkeys(FIELDS, ""))


async def create(visit: Visit) -> Response:
    """Create a project. Needs the admin key, as in the API."""
    visit.known.require_deployment()
    try:
        written = written_project(visit.form, model=NewProject, id=visit.form.text("id").strip())
        project = await create_project(visit.services, identifier=written.id, spec=written.spec, by=visit.known.author)
    except REFUSALS as exc:
        return _form(visit, texts=typed_texts(visit.form), refused=Refused.of(exc, visit, fields=FIELDS))
    return visit.go_on(project_path(project.id), notice=f"The project {project.id} is created.")


def _form(visit: Visit, *, texts: Mapping[str, str], refused: Refused = NOTHING_REFUSED) -> Response:
    return visit.page("projects/new.html", status=refused.status, texts=texts, refused=refused)


ROUTES = (
    get("/", go_to_start),
    get("/projects", list_projects),
    get("/projects/new", show_new),
    post("/projects/new", create),
)
