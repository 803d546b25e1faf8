"""Makes the requests of a model queue over HTTP, in real time, as Cloud Tasks does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import httpx

from model.queue import ModelQueue, Request
from tock.app.execution.execute import Delivery
from tock.ports.queue import TickContinuation
from waiting import TIMEOUT

#: The path of the URL that continuations go to. Runs go to the root.
TICK_PATH = "/tick"
#: Seconds between two looks for due requests.
_PAUSE = 0.005


@contextlib.asynccontextmanager
async def delivering(queue: ModelQueue, *, url: str, now: Callable[[], datetime]) -> AsyncIterator[None]:
    """Make all due requests, concurrently, until the block ends."""
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT) as client, asyncio.TaskGroup() as requests:

        async def make(request: Request) -> None:
            path, body = _addressed(request.body)
            answer = await client.post(path, json=body)
            queue.answer(request, ok=answer.is_success)

        async def look() -> None:
            while True:
                for request in queue.due(now()):
                    requests.create_task(make(request))
                await asyncio.sleep(_PAUSE)

        looking = requests.create_task(look())
        yield
        looking.cancel()


def _addressed(body: Delivery | TickContinuation) -> tuple[str, dict[str, object]]:
    if isinstance(body, TickContinuation):
        return TICK_PATH, {"tick": body.name, "shards": body.shards}
    return "/", body.model_dump()
