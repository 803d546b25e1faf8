"""The end of a stack: what asks for it, and what waits for it."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any

from tock.local.errors import StartInterrupted
from tock.local.process import Process


class Ending:
    """Ends once, for a reason: a signal that came, or the end of a process that is not restarted."""

    def __init__(self) -> None:
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._watchers: set[asyncio.Task[None]] = set()

    async def wait(self) -> str:
        """Wait for the end, and return the reason."""
        return await asyncio.shield(self._ended)

    async def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; if the end comes first, cancel it and raise StartInterrupted."""
        task = asyncio.create_task(work)
        self._ended.add_done_callback(lambda _: task.cancel())
        try:
            await task
        except asyncio.CancelledError:
            if self._ended.done():
                raise StartInterrupted(self._ended.result()) from None
            raise

    def watch(self, process: Process) -> None:
        """End when this process ends."""

        async def watched() -> None:
            await process.ended()
            self._end(f"{process.name} ended")

        watcher = asyncio.create_task(watched())
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    def handle_signals(self, until: contextlib.AsyncExitStack) -> None:
        """End at SIGINT and SIGTERM, until the exit stack is closed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Only the main thread may set signal handlers; in another thread there are none.
            with contextlib.suppress(ValueError, RuntimeError):
                loop.add_signal_handler(number, self._end, number.name)
                until.callback(loop.remove_signal_handler, number)

    def forget_processes(self) -> None:
        """Watch no process any more."""
        for watcher in self._watchers:
            watcher.cancel()

    def _end(self, reason: str) -> None:
        if not self._ended.done():
            self._ended.set_result(reason)
