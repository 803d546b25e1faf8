"""Builds the API and the console of this process on first use, once per event loop."""

import asyncio
from weakref import WeakKeyDictionary

from starlette.types import ASGIApp, Receive, Scope, Send

from tock.bootstrap.deployment import deployment
from tock.web.api.app import create_app
from tock.web.deployment import Deployment

_sites: WeakKeyDictionary[asyncio.AbstractEventLoop, ASGIApp] = WeakKeyDictionary()


class Site:
    """The API below `/v1`, and the console everywhere else.

    Price: the first visitor of the console imports its templates, so that no cold start of the API does.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._api = create_app(deployment)
        self._console: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        path = scope.get("path", "")
        is_api = scope["type"] != "http" or path == "/v1" or path.startswith("/v1/")
        await (self._api if is_api else self._console_app())(scope, receive, send)

    def _console_app(self) -> ASGIApp:
        if self._console is None:
            from tock.web.console.app import create_console  # noqa: PLC0415 - cold starts of the API do without it

            self._console = create_console(self._deployment)
        return self._console


def api_app() -> ASGIApp:
    """Return the ASGI application of the running event loop's deployment."""
    loop = asyncio.get_running_loop()
    if loop not in _sites:
        _sites[loop] = Site(deployment())
    return _sites[loop]
