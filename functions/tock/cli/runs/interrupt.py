"""What Ctrl-C does while a command works on many things: it ends the work after what has begun."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stopped_by_interrupt() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C sets; the second one interrupts as usual.

    Python takes signals in the main thread only: elsewhere, nothing sets the event.
    """
    stopping = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopping
        return
    former = signal.getsignal(signal.SIGINT)

    def stop(*_: Any) -> None:
        stopping.set()
        signal.signal(signal.SIGINT, former)

    signal.signal(signal.SIGINT, stop)
    try:
        yield stopping
    finally:
        signal.signal(signal.SIGINT, former)
