"""Signing in with an API key, signing out, and how a reader wants to read."""

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tock.core.errors import InvalidArgument
from tock.core.schedule.time_zones import instead_of_time_zone, is_time_zone
from tock.web.authentication import anybody_of, holder_of
from tock.web.console.reader import THEME_COOKIE, ZONE_COOKIE, Theme
from tock.web.console.routing import SESSION_COOKIE, get, post
from tock.web.console.sealed import SESSION_LENGTH
from tock.web.console.session import Session, SessionKind
from tock.web.console.visit import Visit
from tock.web.error_responses import answered_problem
from tock.web.errors import Unauthenticated
from tock.web.routes_of_path import methods_at

_READING_LASTS = timedelta(days=365)
_REFUSED = "Tock does not know this key: paste a whole key of this project, or the admin key."


async def show_sign_in(visit: Visit) -> Response:
    """Show the form for a key; where no key is needed, go on at once."""
    if anybody_of(visit.request, access=visit.deployment.access) is not None:
        return RedirectResponse("/", status_code=303)
    return visit.page("sign_in.html", next=_own_path(visit.request.query_params.get("next", "/")), problem=None)


async def sign_in(visit: Visit) -> Response:
    """Keep the key in a sealed session, if it is one, and go on to the page that was wanted."""
    key, wanted = visit.form.text("key").strip(), _own_path(visit.form.text("next", "/"))
    try:
        await holder_of(key, deployment=visit.deployment)
    except Unauthenticated as exc:
        # Who tries keys is seen in the log, as at the API.
        answered_problem(exc, request=visit.request)
        return visit.page("sign_in.html", status=401, next=wanted, problem=_REFUSED)
    response = RedirectResponse(wanted, status_code=303)
    sealed = Session(SessionKind.KEY, key).sealed(visit.tokens, now=visit.now)
    visit.cookies.keep(response, SESSION_COOKIE, sealed, lasts=SESSION_LENGTH)
    return response


async def sign_out(visit: Visit) -> Response:
    """Forget the session."""
    response = visit.go_on("/sign-in")
    visit.cookies.forget(response, SESSION_COOKIE)
    return response


async def set_reading(visit: Visit) -> Response:
    """Keep the time zone and the theme that the reader chose, and show the page again; it says what was refused."""
    zone, theme = visit.form.text("zone").strip(), visit.form.text("theme", Theme.AUTO)
    if not is_time_zone(zone):
        remedy = instead_of_time_zone(zone)
        answered_problem(InvalidArgument(field="zone", value=zone, remedy=remedy), request=visit.request)
        return visit.go_on(_page_of(visit.request), notice=f"The time zone {remedy}", is_bad=True)
    if theme not in set(Theme):
        raise InvalidArgument(field="theme", value=theme, remedy="takes auto, light or dark")
    response = visit.go_on(_page_of(visit.request))
    for name, value in ((ZONE_COOKIE, zone), (THEME_COOKIE, theme)):
        visit.cookies.keep(response, name, value, lasts=_READING_LASTS)
    return response


def _page_of(request: Request) -> str:
    """Return the path and query of the page from which a form was sent, as far as a browser can read it again.

    A refused form is answered at an address that takes forms only: then it is the page above it.
    """
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    page = came_from.path
    while _takes_forms_only(page, request):
        page = page.rpartition("/")[0]
    query = came_from.query if page == came_from.path else ""
    return _own_path(f"{page or '/'}{'?' * bool(query)}{query}")


def _takes_forms_only(path: str, request: Request) -> bool:
    methods = methods_at(path, routes=request.app.routes)
    return bool(methods) and "GET" not in methods


def _own_path(path: str) -> str:
    """Return the path if it is one of this site, or else the first page: a link must not lead to another site."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own else "/"


ROUTES = (
    get("/sign-in", show_sign_in, open_to_all=True),
    post("/sign-in", sign_in, open_to_all=True),
    post("/sign-out", sign_out, open_to_all=True),
    post("/reading", set_reading, open_to_all=True),
)
