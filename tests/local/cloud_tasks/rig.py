"""A Cloud Tasks emulator with Google's client, a target that it delivers to, and a clock that the test moves."""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
from google.cloud.tasks_v2 import CloudTasksAsyncClient, HttpRequest, Queue, RateLimits, RetryConfig, Task
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport

from local.cloud_tasks.target import Delivery, Target, serving
from tock.local.cloud_tasks.clock import Clock
from tock.local.cloud_tasks.server import CloudTasksEmulator
from tock.local.identity.token_issuer import TokenIssuer
from waiting import TIMEOUT, until

LOCATION = "projects/p/locations/l"
QUEUE = f"{LOCATION}/queues/q"
START = datetime(2027, 3, 1, 12, tzinfo=UTC)


@dataclass
class _Alarm:
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class SteppedClock:
    """A clock that only a test moves. It calls whatever falls due on the way."""

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


@dataclass
class Rig:
    """The emulator, the client, the target and the clock."""

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
        """Configure the queue."""
        queue = Queue(name=QUEUE, retry_config=RetryConfig(**retry or {}), rate_limits=RateLimits(**rates or {}))
        await self.client.update_queue(queue=queue)

    async def delivered(self, count: int) -> list[Delivery]:
        """Return the deliveries once there are this many."""
        await until(lambda: len(self.target.deliveries) >= count)
        return self.target.deliveries

    async def attempted(self, task_id: str, *, count: int) -> Task:
        """Return the task once it waits after this many attempts."""
        async with asyncio.timeout(TIMEOUT):
            while True:
                task = await self.task(task_id)
                if task.dispatch_count >= count and "response_time" in task.last_attempt:
                    return task
                await asyncio.sleep(0.002)

    async def gone(self, task_id: str) -> None:
        """Return when the task no longer exists."""
        async with asyncio.timeout(TIMEOUT):
            while task_id in await self.waiting():
                await asyncio.sleep(0.002)

    async def emptied(self) -> None:
        """Return when no task exists any more."""
        async with asyncio.timeout(TIMEOUT):
            while await self.waiting():
                await asyncio.sleep(0.01)

    async def waiting(self, *, queue: str = QUEUE) -> list[str]:
        """Return the ids of all tasks."""
        pages = await self.client.list_tasks(parent=queue)
        return [task.name.rsplit("/", 1)[1] async for task in pages]


@contextlib.asynccontextmanager
async def connected(address: str) -> AsyncIterator[CloudTasksAsyncClient]:
    """Google's client, on an insecure channel."""
    async with grpc.aio.insecure_channel(address) as channel:
        yield CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))


@contextlib.asynccontextmanager
async def assembled(
    *,
    clock: Clock | None = None,
    data: Path | None = None,
    token_issuer: TokenIssuer | None = None,
    target: Target | None = None,
    tombstone: timedelta = timedelta(hours=1),
) -> AsyncIterator[Rig]:
    """A rig with one queue, on a stepped clock unless another clock is given."""
    stepped = SteppedClock()
    async with contextlib.AsyncExitStack() as stack:
        if target is None:
            target = await stack.enter_async_context(serving())
        emulator = CloudTasksEmulator(data=data, token_issuer=token_issuer, tombstone=tombstone, clock=clock or stepped)
        await stack.enter_async_context(emulator)
        client = await stack.enter_async_context(connected(emulator.address))
        rig = Rig(emulator=emulator, client=client, target=target, clock=stepped)
        await rig.configure(retry={"min_backoff": timedelta(seconds=10), "max_backoff": timedelta(seconds=300)})
        yield rig
