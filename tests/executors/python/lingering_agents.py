"""Async agents that leave work behind which nothing can stop, until a test releases it."""

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

import anyio.to_thread

from tock.ports.executor import RunContext

#: Releases the work of all agents.
RELEASE = threading.Event()
POOL = ThreadPoolExecutor(thread_name_prefix="pool-of-the-agents")


def hold(run: RunContext) -> None:
    run.emit("started")
    RELEASE.wait(600)


async def calls_a_thread(run: RunContext) -> None:
    await asyncio.to_thread(hold, run)


async def calls_the_executor(run: RunContext) -> None:
    await asyncio.get_running_loop().run_in_executor(None, hold, run)


async def calls_a_pool(run: RunContext) -> None:
    await asyncio.get_running_loop().run_in_executor(POOL, hold, run)


async def calls_a_thread_too_late(run: RunContext) -> None:
    """Ask for a thread only after all grace."""
    run.emit("started")
    await _swallow()
    await asyncio.to_thread(TOO_LATE.append, run.run)


TOO_LATE: list[str] = []


async def swallows(run: RunContext) -> None:
    run.emit("started")
    await _swallow()


async def leaves_a_task_that_swallows(run: RunContext) -> None:
    task = asyncio.create_task(_swallow(), name="of-the-agent")
    run.emit("started")
    await asyncio.sleep(600)
    await task


async def fails_beside_a_thread(run: RunContext) -> None:
    await _leave_a_thread(run)
    raise ValueError("wrong")


async def succeeds_beside_a_thread(run: RunContext) -> str:
    await _leave_a_thread(run)
    return "done"


async def uses_pools(run: RunContext) -> None:
    """Leave threads that wait for their next call: they are no work."""
    await asyncio.to_thread(int)
    await anyio.to_thread.run_sync(int)
    await asyncio.get_running_loop().run_in_executor(POOL, int)
    run.emit("started")
    await asyncio.sleep(600)


async def gathers(run: RunContext) -> None:
    """Fail in one of two calls, and leave the other to itself."""

    async def fail() -> None:
        raise ValueError("wrong")

    async def goes_on() -> None:
        run.emit("started")
        try:
            await asyncio.sleep(600)
        finally:
            run.emit("stopped")

    await asyncio.gather(goes_on(), fail())


async def starts_a_task_for_all(run: RunContext) -> str:
    """Start a task that is no run's, as a client does that several runs share."""
    SHARED.append(asyncio.create_task(asyncio.sleep(600), context=contextvars.Context()))
    run.emit("started")
    raise ValueError("wrong")


SHARED: list[asyncio.Task[None]] = []


async def _leave_a_thread(run: RunContext) -> None:
    began = threading.Event()

    def hold_on() -> None:
        began.set()
        hold(run)

    call = asyncio.create_task(asyncio.to_thread(hold_on))
    while not began.is_set():
        await asyncio.sleep(0.001)
    call.cancel()


async def _swallow() -> None:
    while not RELEASE.is_set():
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            continue
