"""The host of an attempt for an agent outside the runner's event loop, which may go on after the attempt's end."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from tock.core.errors import AttemptEnded
from tock.core.run.outcome import Usage
from tock.ports.host import AttemptHost

T = TypeVar("T")


class HostUntilEnd:
    """Passes on what an agent reports, and what it asks for to the event loop `home`, until the attempt has ended.

    Later reports are dropped. What the agent asks for then, or has asked for and not got, is cancelled.
    """

    def __init__(self, host: AttemptHost, *, home: asyncio.AbstractEventLoop) -> None:
        self._host = host
        self._home = home
        self._ended = threading.Event()
        #: What the agent has asked for and not got.
        self._asked: set[Future[Any]] = set()

    def end(self) -> None:
        """Let what the agent still asks for end; call this in the loop `home` when the attempt has ended."""
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

    def _asked_at_home(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Return the answer to come, which is cancelled when the attempt ends. Raises AttemptEnded if it has ended."""
        if self._ended.is_set():
            raise AttemptEnded
        question = asyncio.run_coroutine_threadsafe(ask(), self._home)
        self._asked.add(question)
        question.add_done_callback(self._asked.discard)
        if self._ended.is_set():  # a race: the attempt ended since the line above
            question.cancel()
        return question
