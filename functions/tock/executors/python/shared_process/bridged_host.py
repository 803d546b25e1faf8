"""The host of an attempt for an agent in another event loop: its coroutines run in the loop of the runner."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from tock.core.errors import AttemptEnded
from tock.core.run.outcome import Usage, Workspace
from tock.ports.host import AttemptHost, Message, Previous

T = TypeVar("T")


class BridgedHost:
    """Passes on what an agent reports, and what it asks for to the loop `home`, until the attempt has ended.

    Later reports are dropped. What the agent asks for then, or has asked for and not got, raises AttemptEnded.
    """

    def __init__(self, host: AttemptHost, *, home: asyncio.AbstractEventLoop) -> None:
        self._host = host
        self._home = home
        self._ended = threading.Event()
        #: What the agent has asked for and not got.
        self._asked: set[Future[Any]] = set()
        #: Messages that have come and that the agent has not got.
        self._arrived: deque[Sequence[Message]] = deque()

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

    def leave(self, workspace: Workspace) -> None:
        """Note what the attempt left in its workspace."""
        if not self._ended.is_set():
            self._host.leave(workspace)

    @property
    def cancelled(self) -> bool:
        """Whether the agent must stop now."""
        return self._ended.is_set() or self._host.cancelled

    async def take_signals(self) -> Sequence[Message]:
        """Wait for messages to the run; those that come while the call is cancelled are for the next one."""
        while not self._arrived:
            await self._at_home(self._receive)
        return self._arrived.popleft()

    async def _receive(self) -> None:
        self._arrived.append(await self._host.take_signals())

    async def checkpoint(self, state: Any) -> None:
        """Store a JSON value with the run."""
        await self._at_home(lambda: self._host.checkpoint(state))

    async def load_session(self) -> Any:
        """Return the state of the run's session."""
        return await self._at_home(self._host.load_session)

    async def save_session(self, state: Any) -> None:
        """Store the state of the run's session."""
        await self._at_home(lambda: self._host.save_session(state))

    async def previous(self) -> Previous:
        """Read how earlier runs of the trigger ended."""
        return await self._at_home(self._host.previous)

    async def _at_home(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self._ended.is_set():
            raise AttemptEnded
        question = asyncio.run_coroutine_threadsafe(ask(), self._home)
        self._asked.add(question)
        question.add_done_callback(self._asked.discard)
        if self._ended.is_set():  # a race: the attempt ended since the line above
            question.cancel()
        try:
            return await asyncio.wrap_future(question)
        except asyncio.CancelledError:
            if self._ended.is_set():
                raise AttemptEnded from None
            raise
