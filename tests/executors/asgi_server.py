"""Serves an ASGI application on 127.0.0.1 while a test runs."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from waiting import until


@asynccontextmanager
async def serving_app(app: Any, *, lifespan: str = "off", listener: socket.socket | None = None) -> AsyncIterator[str]:
    """Yield the server's address, `127.0.0.1:PORT`."""
    bound = listener or free_socket()
    config = uvicorn.Config(
        app, log_config=None, access_log=False, ws="none", lifespan=lifespan, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        await until(lambda: server.started or serving.done())
        yield address_of(bound)
    finally:
        server.should_exit = True
        await serving


def free_socket() -> socket.socket:
    """Return a socket bound to a free port, for a server that must know its address."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def address_of(bound: socket.socket) -> str:
    """Return `127.0.0.1:PORT`."""
    return f"127.0.0.1:{bound.getsockname()[1]}"
