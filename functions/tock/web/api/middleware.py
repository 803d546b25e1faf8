"""The outermost layer of the API: what nobody foresaw becomes a problem document, and every answer is inert."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tock.web.problem_responses import HEADERS, problem_response


class ProblemMiddleware:
    """Adds the headers that every answer carries, and lets no exception out, since the host would print its trace."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer for what breaks inside."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_marked(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(raw=message["headers"])
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_marked)
        except Exception as exc:
            if started:
                raise
            await problem_response(exc, path=scope["path"])(scope, receive, send_marked)
