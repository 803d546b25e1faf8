"""The outermost layer of the API and the console: exceptions become responses, and responses get their headers."""

from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tock.web.error_responses import HEADERS, problem_response
from tock.web.errors import NoRoute
from tock.web.requests import require_single_headers


class ProblemMiddleware:
    """Adds the headers of every response, and lets no exception out, because the server would print its trace.

    It also refuses requests in which a header comes twice that decides something.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        respond: Callable[[Exception, Request], Response] = problem_response,
        headers: Mapping[str, str] = HEADERS,
    ) -> None:
        self.app = app
        #: What answers an exception, by default with a problem document.
        self.respond = respond
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer what the app raises."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(raw=message["headers"])
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope)
        try:
            require_single_headers(request.headers)
            _require_printable(scope["path"])
            await self.app(scope, receive, send_with_headers)
        except Exception as exc:
            if started:
                raise
            await self.respond(_first(exc), request)(scope, receive, send_with_headers)


def _first(error: Exception) -> Exception:
    """Return the error itself or, of what was done side by side, the first that failed: the others were stopped."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _require_printable(path: str) -> None:
    # Starlette's patterns would take a line break at the end of a path for its end.
    if not path.isprintable():
        raise NoRoute(path)
