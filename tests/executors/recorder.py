"""Records the events of an agent."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tock.ports.executor import RunContext
from waiting import until


@dataclass
class Recorder:
    """Keeps the events that an agent reports, and can request its cancellation."""

    events: list[tuple[str, Any]] = field(default_factory=list)
    stop_asked: bool = False
    #: The kinds of the events whose data was replaced.
    replaced: list[str] = field(default_factory=list)
    #: Tock's own events of the run.
    notices: list[tuple[str, Any]] = field(default_factory=list)

    def report(self, kind: str, data: Any, replaced: bool) -> None:  # noqa: FBT001 - as the port says
        self.events.append((kind, data))
        if replaced:
            self.replaced.append(kind)

    def notice(self, kind: str, data: Any) -> None:
        self.notices.append((kind, data))

    async def first_event(self) -> Any:
        """Return the data of the first event, as soon as there is one."""
        await until(lambda: self.events)
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
            "time_zone": "Europe/Berlin",
        }
        return RunContext(
            **{**given, **values},
            report=self.report,
            notice=self.notice,
            cancellation=lambda: self.stop_asked,
        )
