"""The console as one ASGI application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from tock.web.console.assets import MEDIA_TYPES, asset_file, asset_path
from tock.web.console.errors import error_response
from tock.web.console.pages import sign_in
from tock.web.console.pages.agents import agent
from tock.web.console.pages.agents import delete as delete_agent
from tock.web.console.pages.agents import edit as edit_agent
from tock.web.console.pages.agents import list as agents
from tock.web.console.pages.overview import accounts, attention, history, overview, present, spending
from tock.web.console.pages.projects import delete as delete_project
from tock.web.console.pages.projects import keys, settings
from tock.web.console.pages.projects import list as projects
from tock.web.console.pages.run_now import dialog as run_now
from tock.web.console.pages.runs import bulk, run
from tock.web.console.pages.runs import list as runs
from tock.web.console.pages.triggers.actions import delete as trigger_deletion
from tock.web.console.pages.triggers.actions import duplicate as trigger_duplicate
from tock.web.console.pages.triggers.actions import switch
from tock.web.console.pages.triggers.detail import history as trigger_history
from tock.web.console.pages.triggers.detail import proof as trigger_proof
from tock.web.console.pages.triggers.detail import trigger
from tock.web.console.pages.triggers.editor import editor
from tock.web.console.pages.triggers.listing import list as triggers
from tock.web.console.visit import address
from tock.web.deployment import Deployment
from tock.web.error_responses import HEADERS
from tock.web.errors import NoRoute, WrongMethod
from tock.web.middleware import ProblemMiddleware
from tock.web.routes_of_path import methods_at

#: Each has the routes of its pages.
_PAGES = (
    sign_in,
    projects,
    settings,
    delete_project,
    keys,
    overview,
    present,
    history,
    attention,
    accounts,
    spending,
    editor,
    triggers,
    # Behind the editor: /triggers/new is its path, and nothing may have the id `new`.
    trigger,
    trigger_history,
    trigger_proof,
    switch,
    trigger_duplicate,
    trigger_deletion,
    runs,
    bulk,
    run,
    agents,
    edit_agent,
    agent,
    run_now,
    delete_agent,
)
#: Nothing but the console's own files is loaded, and no other page shows the console in a frame.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = HEADERS | {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: The path of a file names its content, so a browser never needs to ask again.
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


def create_console(deployment: Deployment) -> Starlette:
    """Return the console of a deployment."""
    console = Starlette(
        routes=[
            Route("/assets/{digest}/{file:path}", _asset),
            Route("/favicon.ico", _icon),
            *(route for page in _PAGES for route in page.ROUTES),
        ],
        middleware=[
            Middleware(GZipMiddleware, minimum_size=1_000),
            Middleware(ProblemMiddleware, respond=error_response, headers=_HEADERS),
        ],
        exception_handlers={HTTPException: _answer_unknown},
    )
    console.router.redirect_slashes = False
    console.state.deployment = deployment
    return console


async def _asset(request: Request) -> Response:
    name = request.path_params["file"]
    found = asset_file(name)
    if found is None or request.url.path != asset_path(name):
        raise NoRoute(request.scope["path"])
    return FileResponse(found, media_type=MEDIA_TYPES[found.suffix], headers=_KEPT)


async def _icon(_request: Request) -> Response:
    return RedirectResponse(asset_path("icon.svg"), status_code=308)


async def _answer_unknown(request: Request, error: Exception) -> Response:
    """Answer what Starlette itself refuses, a path or a method, as the API does."""
    path = request.scope["path"]
    match error:
        case HTTPException(status_code=404) if _is_page(path.rstrip("/"), request):
            return _without_slash(request)
        case HTTPException(status_code=404):
            error = NoRoute(path)
        case HTTPException(status_code=405):
            error = WrongMethod(request.method, allowed=methods_at(path, routes=request.app.routes))
    return error_response(error, request)


def _is_page(path: str, request: Request) -> bool:
    return request.method in {"GET", "HEAD"} and "GET" in methods_at(path, routes=request.app.routes)


def _without_slash(request: Request) -> Response:
    """Lead to the page whose path was asked for with a slash at its end.

    No path of a page begins with two slashes, so this leads to no other site.
    """
    path, question_mark, query = address(request).partition("?")
    return RedirectResponse(f"{path.rstrip('/')}{question_mark}{query}", status_code=308)
