"""The host of an attempt for an agent in another event loop: its coroutines run in the loop of the runner."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from tock.core.errors import AttemptEnded
from tock.core.run.outcome import Workspace
from tock.executors.host_until_end import HostUntilEnd
from tock.ports.host import AttemptHost, Message, Previous

T = TypeVar("T")


class BridgedHost(HostUntilEnd):
    """Lets the agent await what it asks for; what it has not got when the attempt ends raises AttemptEnded."""

    def __init__(self, host: AttemptHost, *, home: asyncio.AbstractEventLoop) -> None:
        super().__init__(host, home=home)
        #: Messages that have come and that the agent has not got.
        self._arrived: deque[Sequence[Message]] = deque()

    def leave(self, workspace: Workspace) -> None:
        """Note what the attempt left in its workspace."""
        if not self._ended.is_set():
            self._host.leave(workspace)

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
        question = self._asked_at_home(ask)
        try:
            return await asyncio.wrap_future(question)
        except asyncio.CancelledError:
            if self._ended.is_set():
                raise AttemptEnded from None
            raise
