"""Builds the API of this process on first use, once per event loop."""

import asyncio
from weakref import WeakKeyDictionary

from fastapi import FastAPI

from tock.bootstrap.deployment import deployment
from tock.web.api.app import create_app

_apps: WeakKeyDictionary[asyncio.AbstractEventLoop, FastAPI] = WeakKeyDictionary()


def api_app() -> FastAPI:
    """Return the ASGI application of the running event loop's deployment."""
    loop = asyncio.get_running_loop()
    if loop not in _apps:
        _apps[loop] = create_app(deployment())
    return _apps[loop]
