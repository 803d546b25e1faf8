"""A line of a run's log: an event as people read it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tock.app.run_events import last_number
from tock.core.run.events.event import Event
from tock.core.time.instant import instant_text
from tock.core.unreadable import Unreadable
from tock.web.console.times import absolute_text
from tock.web.resources.runs.event_words import Times, words_of

#: Kinds of Tock's own events that say that something is wrong.
_WARNINGS = frozenset({"run.warning", "run.events_dropped", "run.loop_blocked", "run.loop_waiting"})


@dataclass(frozen=True, slots=True)
class LogLine:
    """An event as the page, the stream and the whole log as a text show it."""

    seq: int
    #: None if the event cannot be read.
    at: datetime | None
    attempt: int
    kind: str
    #: `debug`, `info`, `warning` or `error`; empty for an event that is no line of output.
    level: str
    text: str

    @property
    def label(self) -> str:
        """What people read for its kind: `Tock` for events of Tock's own, `output` for what the agent printed."""
        if self.kind.startswith("run."):
            return "Tock"
        return {"log": "output", "unreadable": "Tock"}.get(self.kind, self.kind)

    @property
    def sent(self) -> dict[str, Any]:
        """The line as the page's script reads it."""
        return {
            "seq": self.seq,
            "time": None if self.at is None else instant_text(self.at),
            "attempt": self.attempt,
            "kind": self.kind,
            "label": self.label,
            "level": self.level,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class LogTimes:
    """Times within the words of a log: in a zone, and not relative, since the line stays as it is."""

    zone: ZoneInfo
    now: datetime

    def clock(self, at: datetime) -> str:
        """Return a time of today, or with its day."""
        return absolute_text(at, now=self.now, zone=self.zone)

    def until(self, at: datetime) -> str:
        """Return the same of a time to come."""
        return self.clock(at)


def log_line(event: Event | Unreadable, *, times: Times) -> LogLine:
    """Return the line of an event: what an agent printed and what Tock says in words, other data as compact JSON."""
    if isinstance(event, Unreadable):
        text = f"The event {event.id} cannot be read: {event.problem}"
        return LogLine(seq=last_number(event), at=None, attempt=0, kind="unreadable", level="error", text=text)
    cut = " … (cut)" if event.truncated else ""
    return LogLine(
        seq=event.seq,
        at=event.at,
        attempt=event.attempt,
        kind=event.kind,
        level=_level(event),
        text=f"{_text(event, times=times)}{cut}",
    )


def _text(event: Event, *, times: Times) -> str:
    words = words_of(event.kind, event.data, attempt=event.attempt, times=times)
    if words is not None:
        return words
    return "" if event.data is None else json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))


def _level(event: Event) -> str:
    if event.kind == "log" and isinstance(event.data, dict):
        return str(event.data.get("level", "info"))
    return "warning" if event.kind in _WARNINGS else ""
