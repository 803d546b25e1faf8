"""The contract of the clock; core never reads one."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Return the current time, aware and UTC."""
        ...

    async def sleep(self, length: timedelta) -> None:
        """Return after this length of time."""
        ...
