"""Notices SIGTERM, which Cloud Run sends a process ten seconds before it kills it."""

import asyncio
import signal
import threading
from types import FrameType

import anyio


def set_on_sigterm(shutdown: anyio.Event) -> None:
    """Set the event of the running event loop at SIGTERM, then call the server's own handler.

    Without a server that handles the signal, or outside the main thread, which alone may set a handler, this function
    does nothing.
    """
    server_handler = signal.getsignal(signal.SIGTERM)
    if not callable(server_handler) or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(shutdown.set)
        server_handler(number, frame)

    signal.signal(signal.SIGTERM, handle)
