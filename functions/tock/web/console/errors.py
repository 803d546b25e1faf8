"""Errors as people see them: a page, or a message on the page that is open, with the same sentence as the API's."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tock.core.errors import NotFound
from tock.core.ids.identifier import is_identifier
from tock.web.console.templates import render
from tock.web.console.visit import Visit, project_path
from tock.web.error_responses import answered_problem, problem_headers, problem_response

#: The headers of an answer to an error that say something of a page, too.
_OF_PAGES = frozenset({"Allow", "Retry-After"})


@dataclass(frozen=True, slots=True)
class _WayBack:
    """Where the page of an error leads."""

    path: str
    words: str


def error_response(error: Exception, request: Request) -> Response:
    """Return the page of an error. A page that is open already gets only the message, a program a problem document."""
    if "text/html" not in request.headers.get("accept", "") and "hx-request" not in request.headers:
        return problem_response(error, request)
    response = _page(error, request)
    response.headers.update(
        {name: value for name, value in problem_headers(error, request=request).items() if name in _OF_PAGES}
    )
    return response


def _page(error: Exception, request: Request) -> Response:
    problem = answered_problem(error, request=request)
    back = _way_back(error, request)
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is None:
        return HTMLResponse(render("bare_error.html", problem=problem, back=back), status_code=problem.status)
    template = "message.html" if visit.is_partial else "error.html"
    return visit.page(template, status=problem.status, problem=problem, back=back)


def _way_back(error: Exception, request: Request) -> _WayBack:
    """Return the way to the overview of the path's project, unless that is what cannot be found."""
    path: str = request.scope["path"]
    project = path.removeprefix("/projects/").partition("/")[0]
    is_in_project = path.startswith("/projects/") and is_identifier(project)
    if not is_in_project or (isinstance(error, NotFound) and error.kind == "project"):
        return _WayBack("/projects", "To the projects")
    return _WayBack(project_path(project), f"To the overview of {project}")
