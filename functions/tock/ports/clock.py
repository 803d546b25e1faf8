"""The contract of the clock, which core never reads itself."""

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
