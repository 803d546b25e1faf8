"""An HTTP server that tasks are delivered to. It keeps the requests and answers as a test says."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tock.local.cloud_tasks.clock import SystemClock


@dataclass(frozen=True)
class Delivery:
    """One request that the target got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    arrived: datetime

    def cloud_headers(self) -> dict[str, str]:
        """Return the headers that Cloud Tasks adds, without their common prefix."""
        prefix = "x-cloudtasks-"
        return {name.removeprefix(prefix): value for name, value in self.headers.items() if name.startswith(prefix)}


@dataclass
class Target:
    """The server; it keeps every request and returns the response of `answer`."""

    url: str
    deliveries: list[Delivery] = field(default_factory=list)
    answer: Callable[[Delivery], Awaitable[Response]] | None = None

    def answers(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        """Answer with these statuses in turn, and with 200 afterwards."""
        left = iter(statuses)

        async def answer(_: Delivery) -> Response:
            return Response(status_code=next(left, 200), headers=headers)

        self.answer = answer

    def tasks(self) -> list[str]:
        """Return the ids of the delivered tasks, in order."""
        return [delivery.headers["x-cloudtasks-taskname"] for delivery in self.deliveries]

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        headers = dict(request.headers)
        delivery = Delivery(request.method, request.url.path, headers, body, SystemClock().now())
        self.deliveries.append(delivery)
        return await self.answer(delivery) if self.answer else Response()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Target]:
    """Give a target that listens until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    target = Target(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    app = Starlette(routes=[Route("/{path:path}", target.receive, methods=methods)])
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", interface="asgi3")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield target
    finally:
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        unanswered = list(server.server_state.tasks)
        for task in unanswered:
            task.cancel()
        await asyncio.gather(*unanswered, return_exceptions=True)


class Gate:
    """Holds back every answer of a target until it is opened."""

    def __init__(self, target: Target, *, status: int = 200) -> None:
        self._status = status
        self._open = asyncio.Event()
        self.inside = 0
        self.most = 0
        target.answer = self._answer

    def open(self) -> None:
        self._open.set()

    async def _answer(self, _: Delivery) -> Response:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self._open.wait()
        self.inside -= 1
        return Response(status_code=self._status)
