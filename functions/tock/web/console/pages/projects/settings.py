"""The settings of a project, and their form."""

from collections.abc import Mapping

from starlette.responses import Response

from tock.app.manage.projects.projects import edit_project
from tock.core.errors import NotFound, RevisionMismatch
from tock.core.project import Project, ProjectSpec
from tock.web.console.forms.written import expected_revision
from tock.web.console.pages.projects.project_form import FIELDS, texts_of, typed_texts, written_project
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit
from tock.web.requests import parse
from tock.web.resources.page import Paging, UnreadableShape
from tock.web.resources.projects.api_key import KeyResource


async def show_settings(visit: Visit) -> Response:
    """Show a project's settings and its API keys."""
    project = await found_project(visit)
    paging = parse(Paging, dict(visit.request.query_params))
    page = await visit.services.store.api_keys(visit.project, limit=paging.page_size, token=paging.token)
    return visit.page(
        "projects/settings.html",
        project=project,
        keys=[KeyResource.of(key) for key in page.items],
        unreadable=UnreadableShape.of_all(page.unreadable),
        first_page=paging.token is None,
        next_token=page.next_token,
        needs_key=bool(visit.deployment.access.keys),
        is_admin=visit.known.project is None,
    )


async def show_edit(visit: Visit) -> Response:
    """Show the form of a project."""
    project = await found_project(visit)
    return _form(visit, project, texts=texts_of(project))


async def edit(visit: Visit) -> Response:
    """Change a project, unless somebody else did since its form was shown."""
    project = await found_project(visit)
    try:
        await edit_project(
            visit.services,
            project=visit.project,
            changes=dict(written_project(visit.form, model=ProjectSpec)),
            by=visit.known.author,
            revision=expected_revision(visit.form),
        )
    except REFUSALS as exc:
        refused = Refused.of(exc, visit, fields=FIELDS)
        changed = isinstance(exc, RevisionMismatch)
        return _form(visit, project, texts=typed_texts(visit.form), refused=refused, changed=changed)
    return visit.go_on(visit.path("settings"), notice="The project is saved.")


async def found_project(visit: Visit) -> Project:
    """Return the project of the path. Raises NotFound, DocumentUnreadable."""
    found = await visit.services.store.project(visit.project)
    if found is None:
        raise NotFound("project", visit.project)
    return found.value


def _form(
    visit: Visit,
    project: Project,
    *,
    texts: Mapping[str, str],
    refused: Refused = NOTHING_REFUSED,
    changed: bool = False,
) -> Response:
    return visit.page(
        "projects/edit.html", status=refused.status, project=project, texts=texts, refused=refused, changed=changed
    )


ROUTES = (
    get("/projects/{project}/settings", show_settings),
    get("/projects/{project}/settings/edit", show_edit),
    post("/projects/{project}/settings/edit", edit),
)
