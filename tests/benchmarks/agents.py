"""Agents that do next to nothing, so that benchmarks measure Tock."""

import asyncio

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
