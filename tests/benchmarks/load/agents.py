"""Agents that do next to nothing, so that benchmarks measure Tock."""

import asyncio
import time
from typing import Any

from tock.ports.executor import RunContext

#: The ids of the runs that `wait` in this process.
waiting: set[str] = set()


async def trivial(_: RunContext) -> dict[str, bool]:
    return {"done": True}


async def slow(run: RunContext) -> dict[str, bool]:
    """Work for as many seconds as the payload says."""
    await asyncio.sleep(run.input["seconds"])
    return {"done": True}


async def flaky(run: RunContext) -> dict[str, bool]:
    """Fail the first attempt."""
    if run.attempt == 1:
        raise ConnectionError("the provider hung up")
    return {"done": True}


async def wait(run: RunContext) -> None:
    """Wait until the run is stopped."""
    waiting.add(run.run)
    await asyncio.Event().wait()


async def listen(run: RunContext) -> dict[str, Any]:
    """Take as many messages as the payload says; return their numbers, and when each came, in seconds since 1970."""
    numbers: list[int] = []
    came: list[float] = []
    while len(came) < run.input["messages"]:
        for message in await run.messages():
            numbers.append(message.number)
            came.append(time.time_ns() / 1e9)
    return {"numbers": numbers, "came": came}
