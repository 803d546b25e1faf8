"""The outermost layer of the API: every exception becomes a problem document, every response gets its headers."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tock.web.error_responses import HEADERS, problem_response
from tock.web.errors import NoRoute
from tock.web.requests import require_single_headers


class ProblemMiddleware:
    """Adds the headers of every response, and lets no exception out, because the server would print its trace.

    It also refuses requests in which a header comes twice that decides something.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; respond with a problem document if the app raises."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(raw=message["headers"])
                for name, value in HEADERS.items():
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
            await problem_response(exc, request=request)(scope, receive, send_with_headers)


def _require_printable(path: str) -> None:
    # Starlette's patterns would take a line break at the end of a path for its end.
    if not path.isprintable():
        raise NoRoute(path)
