"""The frame of the functions beside the API: checks that hold for each of them, and a response to every error."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from tock.web.error_responses import problem_response
from tock.web.errors import WrongMethod
from tock.web.requests import require_single_headers


async def respond(request: Request, handle: Callable[[], Awaitable[Response]], *, function: str) -> Response:
    """Return the handler's response to a POST, or the problem document of whatever was raised.

    1. Refuse headers that come twice, 2. check the method, 3. call the handler. `function` is the name in the log.
    """
    request.state.route = function
    try:
        require_single_headers(request.headers)
        _require_post(request)
        return await handle()
    except Exception as exc:  # noqa: BLE001 - every error becomes a problem document
        return problem_response(exc, request=request)


def _require_post(request: Request) -> None:
    if request.method != "POST":
        raise WrongMethod(request.method, allowed=["POST"])
