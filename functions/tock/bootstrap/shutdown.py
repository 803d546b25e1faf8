"""The end of a process, noticed when it is announced: SIGTERM, ten seconds before Cloud Run ends it for good."""

import asyncio
import signal
import threading
from types import FrameType

import anyio


def set_on_sigterm(shutdown: anyio.Event) -> None:
    """Set the event of the running event loop at SIGTERM, before the server does with it what it always does.

    Without a server that handles the signal, or beside the main thread, which alone may handle it, nothing changes.
    """
    server = signal.getsignal(signal.SIGTERM)
    if not callable(server) or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()

    def announce(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(shutdown.set)
        server(number, frame)

    signal.signal(signal.SIGTERM, announce)
