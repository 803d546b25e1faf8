"""Work that must reach its end although its caller is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


async def completed(work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns, however often the caller is cancelled meanwhile; then let the cancellation go on.

    The work must bound its own time. A task group repeats its cancellation at every step, a plain task is cancelled
    once per request: the shield holds off the first, the loop outlasts the second.
    """
    task = asyncio.create_task(work)
    cancellation: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not task.done():
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError as exc:
                cancellation = exc
    if cancellation is not None:
        raise cancellation
    return task.result()
