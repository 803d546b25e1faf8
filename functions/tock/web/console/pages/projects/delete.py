"""Delete a project, once the admin has typed its id."""

from starlette.responses import Response

from tock.app.as_stored import as_stored
from tock.app.manage.projects.delete_project import delete_project
from tock.core.errors import InvalidArgument, NotFound
from tock.core.unreadable import Unreadable
from tock.web.console.forms.written import expected_revision
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit

#: How many triggers and agents the page names.
_NAMED = 10
_FIELDS = ("typed",)


async def show_delete(visit: Visit) -> Response:
    """Say what is in the way, or ask for the project's id. Needs the admin key."""
    visit.known.require_deployment()
    return await _page(visit)


async def delete(visit: Visit) -> Response:
    """Delete the project, its keys and its usage. Needs the admin key."""
    visit.known.require_deployment()
    form = visit.form
    try:
        if form.text("typed").strip() != visit.project:
            raise InvalidArgument(field="typed", value=form.text("typed"), remedy=f"type {visit.project}, its id")
        await delete_project(
            visit.services,
            project=visit.project,
            by=visit.known.author,
            revision=expected_revision(form),
        )
    except REFUSALS as exc:
        return await _page(visit, refused=Refused.of(exc, visit, fields=_FIELDS))
    return visit.go_on("/projects", notice=f"The project {visit.project} is deleted.")


async def _page(visit: Visit, *, refused: Refused = NOTHING_REFUSED) -> Response:
    store, project = visit.services.store, visit.project
    found = await as_stored(store.project(project))
    if found is None:
        raise NotFound("project", project)
    triggers = await store.triggers(project, limit=_NAMED, token=None)
    agents = await store.agents(project, limit=_NAMED, token=None)
    return visit.page(
        "projects/delete.html",
        status=refused.status,
        revision=found.etag if isinstance(found, Unreadable) else found.value.revision,
        triggers=[trigger.id for trigger in triggers.found],
        agents=[agent.id for agent in agents.found],
        more=triggers.next_token is not None or agents.next_token is not None,
        typed={"typed": visit.form.text("typed")},
        refused=refused,
    )


ROUTES = (
    get("/projects/{project}/settings/delete", show_delete),
    post("/projects/{project}/settings/delete", delete),
)
