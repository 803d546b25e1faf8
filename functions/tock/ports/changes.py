"""The contract of changes: who waits for a document hears soon that it may have changed, whoever changed it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RunChanges:
    """Any change of the run's document."""

    project: str
    run: str


@dataclass(frozen=True, slots=True)
class EventChanges:
    """Further events of the run are stored, with numbers above `since`."""

    project: str
    run: str
    since: int = 0


@dataclass(frozen=True, slots=True)
class SignalChanges:
    """The run is sent further signals, with numbers above `since`."""

    project: str
    run: str
    since: int = 0


Subject = RunChanges | EventChanges | SignalChanges


@dataclass(slots=True)
class News:
    """Tells one listener that its subjects may have changed; several changes may be one piece of news."""

    _told: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        """Return once there is news that no earlier call returned for."""
        await self._told.wait()
        self._told.clear()

    def tell(self) -> None:
        """Let `wait` return."""
        self._told.set()


class Changes(Protocol):
    """Tells of changes that other processes make, usually within a tenth of a second.

    News is a hint and no promise: it may come without a change, and while the connection is down none comes at all. So
    who listens also looks by itself now and then, and reads what changed from the store.
    """

    def listen(self, *subjects: Subject) -> AbstractAsyncContextManager[News]:
        """Return a context in which there is news of the subjects.

        What stands in the store when the context begins is news too: what changed between the caller's last read and
        that moment is not missed. Entering it neither waits for the store nor raises an error of it.
        """
        ...


class Silence:
    """Tells of no change: everybody looks by himself."""

    @asynccontextmanager
    async def listen(self, *_: Subject) -> AsyncIterator[News]:
        """Return a context without news."""
        yield News()
