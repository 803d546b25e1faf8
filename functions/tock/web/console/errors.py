"""Errors as people see them: a page, or a message on the page that is open, with the same sentence as the API's."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tock.web.console.templates import render
from tock.web.console.visit import Visit
from tock.web.error_responses import problem_of, problem_response


def error_response(error: Exception, request: Request) -> Response:
    """Return the page of an error. A page that is open already gets only the message, a program a problem document."""
    if "text/html" not in request.headers.get("accept", "") and "hx-request" not in request.headers:
        return problem_response(error, request)
    problem = problem_of(error, request=request)
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is not None:
        return visit.page("message.html" if visit.is_partial else "error.html", status=problem.status, problem=problem)
    return HTMLResponse(render("bare_error.html", problem=problem), status_code=problem.status)
