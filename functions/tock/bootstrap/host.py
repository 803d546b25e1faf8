"""The host's application: passes every request to the function, so that no response is a text of the host itself."""

from typing import Any

import functions_framework.aio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, request_response
from starlette.types import Receive, Scope, Send


class Host(Starlette):
    """The application that functions-framework makes, with its routes replaced by its function.

    The framework routes seven methods and paths without a line break to the function, and answers `/favicon.ico`,
    `/robots.txt`, exceptions and everything else itself, with plain text. Here the function gets all requests, and an
    exception, such as that of a client which cannot be built, becomes a problem document.
    """

    def __init__(self, *, routes: list[Route], **options: Any) -> None:
        super().__init__(**options)
        endpoint = routes[-1].endpoint

        async def respond(request: Request) -> Response:
            try:
                response: Response = await endpoint(request)
            except Exception as exc:  # noqa: BLE001 - every error becomes a problem document
                from tock.web.error_responses import problem_response  # noqa: PLC0415 - cold starts need it later

                return problem_response(exc, request=request)
            return response

        function = request_response(respond)
        refuse = self.router.not_found

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await (function if scope["type"] == "http" else refuse)(scope, receive, send)

        self.router.default = serve


def pass_on_every_request() -> None:
    """Make functions-framework, which has no setting for it, build its application as a Host."""
    functions_framework.aio.Starlette = Host  # type: ignore[attr-defined, assignment] # no name of its public ones
