"""Makes the requests of a model queue over HTTP, at the real time, as Cloud Tasks does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import httpx

from model.queue import ModelQueue, Request
from tock.app.execution.execute import Delivery
from tock.ports.queue import TickContinuation
from waiting import TIMEOUT

#: Where further ticks go, below the target's URL; runs go to its root.
TICK_PATH = "/tick"
#: How often it looks for what is due, in seconds.
_PAUSE = 0.005


@contextlib.asynccontextmanager
async def delivering(queue: ModelQueue, *, url: str, now: Callable[[], datetime]) -> AsyncIterator[None]:
    """Make the requests that are due until the end of the context, each beside the others."""
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
