"""The system's clock and random source: the only deployed code that reads either."""

import asyncio
import random
import secrets
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock adapter

    async def sleep(self, length: timedelta) -> None:
        """Return after this time."""
        await asyncio.sleep(length.total_seconds())


class SystemRandomSource:
    """The operating system's randomness."""

    def token(self) -> str:
        """Return 128 random bits as text."""
        return secrets.token_hex(16)

    def jitter(self) -> float:
        """Return a draw from [0, 1)."""
        return random.random()
