"""Shields work that must reach its end from its caller's cancellation."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


async def shielded(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end and return its result; a cancellation of the caller takes effect only afterwards.

    The work must limit its own time. An anyio task group repeats its cancellation at every await, an asyncio task is
    cancelled once per request: the shield holds off the first, the loop outlasts the second.
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
