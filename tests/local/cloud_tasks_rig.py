"""A Cloud Tasks emulator, the real client connected to it, an HTTP server to deliver to, and a clock to step."""

import asyncio
import contextlib
import heapq
import itertools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import uvicorn
from google.cloud.tasks_v2 import CloudTasksAsyncClient, HttpRequest, Queue, RateLimits, RetryConfig, Task
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tock.local.cloud_tasks.clock import Clock, SystemClock
from tock.local.cloud_tasks.server import CloudTasksEmulator
from tock.local.identity import LocalIdentity

LOCATION = "projects/p/locations/l"
QUEUE = f"{LOCATION}/queues/q"
START = datetime(2027, 3, 1, 12, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)
PATIENCE = 20.0


async def eventually(claim: Callable[[], bool]) -> None:
    """Return when the claim holds; fail when it never comes to hold."""
    async with asyncio.timeout(PATIENCE):
        while not claim():
            await asyncio.sleep(0.002)


@dataclass
class _Alarm:
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class SteppedClock:
    """Stands still until a test moves it, and rings on the way whatever is due."""

    def __init__(self) -> None:
        self._now = START
        self._order = itertools.count()
        self._alarms: list[tuple[datetime, int, _Alarm]] = []

    def now(self) -> datetime:
        return self._now

    def call_at(self, instant: datetime, *, callback: Callable[[], None]) -> _Alarm:
        alarm = _Alarm(callback)
        heapq.heappush(self._alarms, (instant, next(self._order), alarm))
        return alarm

    def advance(self, by: timedelta) -> None:
        end = self._now + by
        while self._alarms and self._alarms[0][0] <= end:
            instant, _, alarm = heapq.heappop(self._alarms)
            self._now = max(self._now, instant)
            if not alarm.cancelled:
                alarm.callback()
        self._now = end


@dataclass(frozen=True)
class Delivery:
    """One request as the target saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    arrived: datetime


@dataclass
class Target:
    """An HTTP server that notes every request before it answers as `answer` says."""

    url: str
    deliveries: list[Delivery] = field(default_factory=list)
    answer: Callable[[Delivery], Awaitable[Response]] | None = None

    def answers(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        """Give these statuses in turn, and 200 afterwards."""
        left = iter(statuses)

        async def answer(_: Delivery) -> Response:
            return Response(status_code=next(left, 200), headers=headers)

        self.answer = answer

    def tasks(self) -> list[str]:
        """The short names of the tasks that came, in order."""
        return [delivery.headers["x-cloudtasks-taskname"] for delivery in self.deliveries]

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        headers = dict(request.headers)
        delivery = Delivery(request.method, request.url.path, headers, body, SystemClock().now())
        self.deliveries.append(delivery)
        return await self.answer(delivery) if self.answer else Response()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Target]:
    """A target that listens."""
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


@dataclass
class Rig:
    """All parts, wired."""

    emulator: CloudTasksEmulator
    client: CloudTasksAsyncClient
    target: Target
    clock: SteppedClock

    async def create(self, task_id: str = "", *, path: str = "/", queue: str = QUEUE, **fields: Any) -> Task:
        """Create a task that posts to the target."""
        name = f"{queue}/tasks/{task_id}" if task_id else ""
        request = fields.pop("http_request", None) or HttpRequest(url=self.target.url + path)
        return await self.client.create_task(parent=queue, task=Task(name=name, http_request=request, **fields))

    async def task(self, task_id: str, *, queue: str = QUEUE) -> Task:
        return await self.client.get_task(name=f"{queue}/tasks/{task_id}")

    async def configure(self, *, retry: dict[str, Any] | None = None, rates: dict[str, Any] | None = None) -> None:
        """Give the queue this configuration."""
        queue = Queue(name=QUEUE, retry_config=RetryConfig(**retry or {}), rate_limits=RateLimits(**rates or {}))
        await self.client.update_queue(queue=queue)

    async def delivered(self, count: int) -> list[Delivery]:
        """The deliveries, as soon as there are this many."""
        await eventually(lambda: len(self.target.deliveries) >= count)
        return self.target.deliveries

    async def attempted(self, task_id: str, *, count: int) -> Task:
        """The task, as soon as it waits after this many attempts."""
        async with asyncio.timeout(PATIENCE):
            while True:
                task = await self.task(task_id)
                if task.dispatch_count >= count and "response_time" in task.last_attempt:
                    return task
                await asyncio.sleep(0.002)

    async def gone(self, task_id: str) -> None:
        """Return when the task no longer exists."""
        async with asyncio.timeout(PATIENCE):
            while task_id in await self.waiting():
                await asyncio.sleep(0.002)

    async def emptied(self) -> None:
        """Return when no task exists any more."""
        async with asyncio.timeout(PATIENCE):
            while await self.waiting():
                await asyncio.sleep(0.01)

    async def waiting(self, *, queue: str = QUEUE) -> list[str]:
        """The short names of the tasks there are."""
        pages = await self.client.list_tasks(parent=queue)
        return [task.name.rsplit("/", 1)[1] async for task in pages]


@contextlib.asynccontextmanager
async def connected(address: str) -> AsyncIterator[CloudTasksAsyncClient]:
    """The real client, on an insecure channel."""
    async with grpc.aio.insecure_channel(address) as channel:
        yield CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))


@contextlib.asynccontextmanager
async def assembled(
    *,
    clock: Clock | None = None,
    data: Path | None = None,
    identity: LocalIdentity | None = None,
    target: Target | None = None,
    tombstone: timedelta = timedelta(hours=1),
) -> AsyncIterator[Rig]:
    """A rig with one queue, on a stepped clock unless another is given."""
    stepped = SteppedClock()
    async with contextlib.AsyncExitStack() as stack:
        if target is None:
            target = await stack.enter_async_context(serving())
        emulator = CloudTasksEmulator(data=data, identity=identity, tombstone=tombstone, clock=clock or stepped)
        await stack.enter_async_context(emulator)
        client = await stack.enter_async_context(connected(emulator.address))
        rig = Rig(emulator=emulator, client=client, target=target, clock=stepped)
        await rig.configure(retry={"min_backoff": timedelta(seconds=10), "max_backoff": timedelta(seconds=300)})
        yield rig
