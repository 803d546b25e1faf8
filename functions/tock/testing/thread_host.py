"""The host of an attempt for a plain agent that a test runs in a thread: its methods block that thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from datetime import timedelta
from typing import Any, TypeVar

from tock.core.errors import AttemptEnded
from tock.core.run.outcome import Usage
from tock.ports.host import AttemptHost, Message, Previous

T = TypeVar("T")


class ThreadHost:
    """Passes on what the agent reports, and what it asks for to the event loop `home`, until the attempt has ended."""

    def __init__(self, host: AttemptHost, *, home: asyncio.AbstractEventLoop) -> None:
        self._host = host
        self._home = home
        self._ended = threading.Event()
        self._asked: set[Future[Any]] = set()

    def end(self) -> None:
        """Drop later reports, and let what the agent asks for raise AttemptEnded; call this in the loop `home`."""
        self._ended.set()
        for question in tuple(self._asked):
            question.cancel()

    def report(self, kind: Any, data: Any, *, replaced: bool) -> None:
        """Append an event of the agent."""
        if not self._ended.is_set():
            self._host.report(kind, data, replaced=replaced)

    def log(self, text: str, *, level: str, stream: str | None = None) -> None:
        """Append a line that the agent printed or logged."""
        if not self._ended.is_set():
            self._host.log(text, level=level, stream=stream)

    def notice(self, kind: str, data: Any) -> None:
        """Append an event of Tock's own."""
        self._host.notice(kind, data)

    def use(self, usage: Usage) -> None:
        """Add what the agent consumed."""
        if not self._ended.is_set():
            self._host.use(usage)

    @property
    def cancelled(self) -> bool:
        """Whether the agent must stop now."""
        return self._ended.is_set() or self._host.cancelled

    def wait_for_messages(self, timeout: timedelta | None) -> Sequence[Message]:
        """Block until there are messages to the run; return none if none has come after the timeout."""
        try:
            return self._ask(self._host.take_signals, within=timeout)
        except TimeoutError:
            return ()

    def save(self, state: Any) -> None:
        """Store a JSON value with the run."""
        self._ask(lambda: self._host.checkpoint(state))

    def read_session(self) -> Any:
        """Return the state of the run's session."""
        return self._ask(self._host.load_session)

    def write_session(self, state: Any) -> None:
        """Store the state of the run's session."""
        self._ask(lambda: self._host.save_session(state))

    def read_previous(self) -> Previous:
        """Read how earlier runs of the trigger ended."""
        return self._ask(self._host.previous)

    def _ask(self, ask: Callable[[], Coroutine[Any, Any, T]], *, within: timedelta | None = None) -> T:
        """Return the answer. Raises AttemptEnded, and TimeoutError if there is none within this time."""
        if self._ended.is_set():
            raise AttemptEnded
        question = asyncio.run_coroutine_threadsafe(ask(), self._home)
        self._asked.add(question)
        question.add_done_callback(self._asked.discard)
        if self._ended.is_set():  # a race: the attempt ended since the line above
            question.cancel()
        try:
            return question.result(None if within is None else within.total_seconds())
        except TimeoutError:
            # The host gives what comes meanwhile to the next call.
            question.cancel()
            raise
        except CancelledError:
            raise AttemptEnded from None
