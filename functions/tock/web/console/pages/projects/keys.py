"""Issue an API key, whose secret is shown once, and delete one."""

from starlette.responses import Response

from tock.app.as_stored import as_stored
from tock.app.manage.projects.api_keys import issue_key, revoke_key
from tock.core.errors import NotFound
from tock.core.unreadable import Unreadable
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit
from tock.web.requests import parse
from tock.web.resources.projects.api_key import NewKey, NewKeyResource

_FIELDS = ("name",)


async def show_new(visit: Visit) -> Response:
    """Show the form of a new key."""
    return _form(visit)


async def create(visit: Visit) -> Response:
    """Issue a key, and show it: this answer is the only one that has its secret, so it is no redirect."""
    try:
        name = parse(NewKey, {"name": visit.form.text("name").strip()}).name
        issued = await issue_key(visit.services, project=visit.project, name=name, by=visit.known.author)
    except REFUSALS as exc:
        return _form(visit, refused=Refused.of(exc, visit, fields=_FIELDS))
    return visit.page("projects/key_issued.html", key=NewKeyResource.issued(issued), server=_server(visit))


async def show_delete(visit: Visit) -> Response:
    """Ask whether to delete a key."""
    identifier = visit.request.path_params["key"]
    found = await as_stored(visit.services.store.api_key(visit.project, identifier))
    if found is None:
        raise NotFound("API key", identifier)
    name = "" if isinstance(found, Unreadable) else found.value.name
    is_own = visit.known.author == f"key:{identifier}"
    return visit.page("projects/key_delete.html", key=identifier, name=name, is_own=is_own)


async def delete(visit: Visit) -> Response:
    """Delete a key: no request with it is accepted from then on."""
    key = visit.request.path_params["key"]
    await revoke_key(visit.services, project=visit.project, key=key, by=visit.known.author)
    return visit.go_on(visit.path("settings"), notice=f"The key {key} is deleted.")


def _form(visit: Visit, *, refused: Refused = NOTHING_REFUSED) -> Response:
    texts = {"name": visit.form.text("name")}
    return visit.page("projects/key_new.html", status=refused.status, texts=texts, refused=refused)


def _server(visit: Visit) -> str:
    """Return the address of this deployment as the person's browser knows it; a deployment is reached over TLS only."""
    scheme = visit.request.url.scheme if visit.deployment.access.local else "https"
    return f"{scheme}://{visit.request.url.netloc}"


ROUTES = (
    get("/projects/{project}/keys/new", show_new),
    post("/projects/{project}/keys/new", create),
    get("/projects/{project}/keys/{key}/delete", show_delete),
    post("/projects/{project}/keys/{key}/delete", delete),
)
