"""The machine's clock, put forward at will: minutes between two fire times cost a benchmark nothing."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class LeapingClock:
    """A clock that is `ahead` of the machine's; sleeping takes its real time."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - this is a clock

    async def sleep(self, length: timedelta) -> None:
        await asyncio.sleep(length.total_seconds())
