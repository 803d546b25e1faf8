"""The contracts of time and chance, which core never touches itself."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time, and waiting for it."""

    def now(self) -> datetime:
        """Return the current time, aware and UTC."""
        ...

    async def sleep(self, length: timedelta) -> None:
        """Return after that time."""
        ...


class Chance(Protocol):
    """What must differ from one call to the next."""

    def token(self) -> str:
        """Return a text that no other call returns."""
        ...

    def jitter(self) -> float:
        """Return a draw from [0, 1)."""
        ...
