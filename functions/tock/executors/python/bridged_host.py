"""The host of an attempt for an agent in another event loop: its coroutines run in the loop of the runner."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from tock.core.run.outcome import Usage
from tock.ports.host import AttemptHost, Previous

if TYPE_CHECKING:
    # An import at run time would load pydantic wherever the executor is imported.
    from tock.core.run.signal import Signal

T = TypeVar("T")


class BridgedHost:
    """Passes on what an agent reports until the attempt has ended, and what it asks for to the loop `home`."""

    def __init__(self, host: AttemptHost, *, home: asyncio.AbstractEventLoop) -> None:
        self._host = host
        self._home = home
        #: Set when the attempt has ended: later reports are dropped.
        self.ended = False

    def report(self, kind: Any, data: Any, *, replaced: bool) -> None:
        """Append an event of the agent."""
        if not self.ended:
            self._host.report(kind, data, replaced=replaced)

    def log(self, text: str, *, level: str, stream: str | None = None) -> None:
        """Append a line that the agent printed or logged."""
        if not self.ended:
            self._host.log(text, level=level, stream=stream)

    def notice(self, kind: str, data: Any) -> None:
        """Append an event of Tock's own."""
        self._host.notice(kind, data)

    def use(self, usage: Usage) -> None:
        """Add what the agent consumed."""
        if not self.ended:
            self._host.use(usage)

    @property
    def cancelled(self) -> bool:
        """Whether the agent must stop now."""
        return self._host.cancelled

    async def take_signals(self) -> "Sequence[Signal]":
        """Wait for messages to the run."""
        return await self._at_home(self._host.take_signals())

    async def checkpoint(self, state: Any) -> None:
        """Store a JSON value with the run."""
        await self._at_home(self._host.checkpoint(state))

    async def load_session(self) -> Any:
        """Return the state of the run's session."""
        return await self._at_home(self._host.load_session())

    async def save_session(self, state: Any) -> None:
        """Store the state of the run's session."""
        await self._at_home(self._host.save_session(state))

    async def previous(self) -> Previous:
        """Read how earlier runs of the trigger ended."""
        return await self._at_home(self._host.previous())

    async def _at_home(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._home))
