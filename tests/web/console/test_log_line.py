"""The lines of a run's log."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.builders import NOON
from tock.core.run.events.event import Event
from tock.core.unreadable import Unreadable
from tock.web.console.pages.runs.log_line import LogTimes, log_line

TIMES = LogTimes(zone=ZoneInfo("Europe/Berlin"), now=NOON)


@pytest.mark.parametrize(
    ("kind", "data", "level", "text"),
    [
        ("log", {"level": "error", "text": "first\n  second"}, "error", "first\n  second"),
        ("log", {"text": "printed"}, "info", "printed"),
        ("progress", {"read": 3, "of": "café"}, "", '{"read":3,"of":"café"}'),
        ("tool", None, "", ""),
        ("message", "<b>bold</b>", "", '"<b>bold</b>"'),
        ("run.warning", {"text": "slow"}, "warning", "slow"),
        ("run.events_dropped", {"count": 7}, "warning", "7 events before this one were dropped: too many came"),
        ("run.started", {"agent_revision": 1}, "", "attempt 1 started"),
        (
            "run.retry_scheduled",
            {"attempt": 2, "of": 3, "at": "2027-01-01T12:05:00Z"},
            "",
            "attempt 2 of 3 at 13:05:00",
        ),
        ("log", ["odd"], "", '["odd"]'),
    ],
)
def test_a_line_says_what_its_event_holds(kind: str, data: Any, level: str, text: str) -> None:
    line = log_line(Event(seq=1_000_001, at=NOON, attempt=1, kind=kind, data=data), times=TIMES)

    assert (line.level, line.text) == (level, text)


@pytest.mark.parametrize(
    ("kind", "label"), [("run.started", "Tock"), ("log", "output"), ("progress", "progress"), ("my.own", "my.own")]
)
def test_a_line_says_in_a_word_where_it_comes_from(kind: str, label: str) -> None:
    line = log_line(Event(seq=1_000_001, at=NOON, attempt=1, kind=kind, data={"text": "x"}), times=TIMES)

    assert (line.label, line.sent["label"], line.sent["kind"]) == (label, label, kind)


def test_a_line_that_was_cut_says_so() -> None:
    line = log_line(Event(seq=1, at=NOON, attempt=1, kind="progress", data="long", truncated=True), times=TIMES)

    assert line.text == '"long" … (cut)'


def test_events_that_cannot_be_read_are_a_line_with_the_last_number() -> None:
    line = log_line(Unreadable(kind="event", project="p", id="5-9", problem="no JSON", version=1), times=TIMES)

    assert (line.sent["seq"], line.sent["time"], line.text) == (9, None, "The event 5-9 cannot be read: no JSON")
