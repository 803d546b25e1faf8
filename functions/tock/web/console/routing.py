"""The routes of the console: each knows who asks before it does anything."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tock.core.errors import NotFound
from tock.core.ids.identifier import is_identifier
from tock.web.authentication import Principal, anybody_of, require_project
from tock.web.console.cookies import Cookies
from tock.web.console.forms.form import Form, read_form
from tock.web.console.reader import Reader
from tock.web.console.sealed import is_form_token
from tock.web.console.session import Session, caller_of
from tock.web.console.visit import BROWSER_COOKIE, Visit
from tock.web.deployment import Deployment
from tock.web.errors import AccessUnset, FormExpired, Unauthenticated

Handler = Callable[[Visit], Awaitable[Response]]

SESSION_COOKIE = "tock_session"
_LONGEST_SHOWN = 300


def get(path: str, handler: Handler, *, open_to_all: bool = False) -> Route:
    """Return the route of a page."""
    return Route(path, _endpoint(path, handler, open_to_all=open_to_all), methods=["GET"])


def post(path: str, handler: Handler, *, open_to_all: bool = False) -> Route:
    """Return the route of a form, which must come from a page of the console."""
    return Route(path, _endpoint(path, handler, open_to_all=open_to_all), methods=["POST"])


def _endpoint(path: str, handler: Handler, *, open_to_all: bool) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        """1. Say who asks, 2. check the ids of the path, 3. read the form and its token, 4. call the handler."""
        request.state.route = path
        deployment: Deployment = request.app.state.deployment
        tokens = deployment.access.run_tokens
        if tokens is None:
            raise AccessUnset(settings="TOCK_RUN_TOKEN_KEY", callers="visitors of the console")
        cookies = Cookies.of(request, access=deployment.access)
        visit = Visit(
            request=request,
            deployment=deployment,
            tokens=tokens,
            caller=None,
            project=request.path_params.get("project", ""),
            cookies=cookies,
            reader=Reader.of(cookies),
            browser=cookies.value(BROWSER_COOKIE) or deployment.services.random.token(),
            now=deployment.services.clock.now(),
        )
        request.state.visit = visit
        return await _answer(visit, handler, open_to_all=open_to_all)

    return respond


async def _answer(visit: Visit, handler: Handler, *, open_to_all: bool) -> Response:
    try:
        if not open_to_all:
            visit = replace(visit, caller=await _caller(visit))
            visit.request.state.visit = visit
        _require_ids(visit)
        if visit.project:
            await require_project(visit.known, visit.project, store=visit.services.store)
        if visit.request.method == "POST":
            visit = replace(visit, form=await _checked_form(visit))
        return await handler(visit)
    except Unauthenticated:
        if visit.is_partial:
            # A page that is open would take the page where people sign in for the answer to what it asked.
            return visit.page("signed_out.html", status=401)
        return RedirectResponse(f"/sign-in?next={quote(_wanted(visit))}", status_code=303)


async def _caller(visit: Visit) -> Principal:
    """Return who is signed in: the holder of the key in the session, or anybody on a local stack without keys."""
    if (anybody := anybody_of(visit.request, access=visit.deployment.access)) is not None:
        return anybody
    session = Session.opened(visit.cookies.value(SESSION_COOKIE), visit.tokens, now=visit.now)
    if session is None:
        raise Unauthenticated("Nobody is signed in")
    caller = await caller_of(session, deployment=visit.deployment)
    visit.request.state.principal = caller.author
    return caller


async def _checked_form(visit: Visit) -> Form:
    form = await read_form(visit.request)
    token = visit.request.headers.get("x-form-token") or form.text("form_token")
    if not is_form_token(token, visit.tokens, browser=visit.browser):
        raise FormExpired
    return form


def _require_ids(visit: Visit) -> None:
    for name, identifier in visit.request.path_params.items():
        if name != "file" and not is_identifier(identifier):
            raise NotFound(name, identifier[:_LONGEST_SHOWN])


def _wanted(visit: Visit) -> str:
    """Return the page to go on to after signing in: that of the address; nobody sends a form again unasked."""
    return visit.here if visit.request.method == "GET" else "/"
