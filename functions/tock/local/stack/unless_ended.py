"""Breaks work off when the stack ends first."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tock.local.errors import StartInterrupted


async def run_unless_ended(ended: asyncio.Future[str], work: Coroutine[Any, Any, None]) -> None:
    """Do the work; if the stack ends first, cancel it and raise StartInterrupted."""
    task = asyncio.create_task(work)
    ended.add_done_callback(lambda _: task.cancel())
    try:
        await task
    except asyncio.CancelledError:
        if ended.done():
            raise StartInterrupted(ended.result()) from None
        raise
