"""Records the events of an agent."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tock.ports.executor import RunContext
from waiting import TIMEOUT


@dataclass
class Recorder:
    """Keeps the events that an agent reports, and can request its cancellation."""

    events: list[tuple[str, Any]] = field(default_factory=list)
    stop_asked: bool = False
    reported: asyncio.Event = field(default_factory=asyncio.Event)

    def report(self, kind: str, data: Any) -> None:
        self.events.append((kind, data))
        self.reported.set()

    async def first_event(self) -> Any:
        """Return the data of the first event, as soon as there is one."""
        async with asyncio.timeout(TIMEOUT):
            await self.reported.wait()
        return self.events[0][1]

    def context(self, **values: Any) -> RunContext:
        given = {
            "project": "acme",
            "run": "run-1",
            "trigger": "morning-digest",
            "agent": "digest",
            "message": "Digest of tock",
            "input": {"repo": "tock", "größe": [1, 2.5, None]},
            "model": None,
            "ref": "main",
            "source": "schedule",
            "attempt": 2,
            "scheduled_for": datetime(2027, 3, 28, 1, 0, 0, 250_000, tzinfo=UTC),
            "deadline": datetime(2027, 3, 28, 1, 5, tzinfo=UTC),
        }
        return RunContext(
            **{**given, **values},
            report=self.report,
            cancellation=lambda: self.stop_asked,
        )
