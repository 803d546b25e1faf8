"""The machine's clock plus an offset, so that a benchmark need not wait until the next fire time."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class AdjustableClock:
    """A clock that is `ahead` of the machine's. Sleeping takes real time."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - this is a clock

    async def sleep(self, length: timedelta) -> None:
        await asyncio.sleep(length.total_seconds())
