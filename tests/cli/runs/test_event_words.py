"""Events in words: a failure and what follows, deadlines, and each kind of event."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from client.streaming_api import an_event
from tock.cli.input.when import Here
from tock.cli.runs.event_words import told
from tock.core.run.events.event import Event

NOW = datetime(2027, 1, 1, 12, 2, 4, tzinfo=UTC)
#: Half an hour is no whole offset of any machine that runs tests.
HERE = Here(now=NOW, zone=timezone(timedelta(hours=5, minutes=30)))


def words(*events: dict[str, Any]) -> list[str]:
    return [text.partition("  ")[2] for text in told(map(Event.model_validate, events), here=lambda: HERE)]


BROKE = {"status": "failed", "error": {"type": "ValueError", "message": "no such repo", "retryable": True}}


def test_a_failure_and_what_follows_are_one_line() -> None:
    retry = {"attempt": 2, "of": 3, "at": "2027-01-01T12:03:02Z"}
    shown = words(
        an_event(1_000_000, "run.started", {}),
        an_event(1_499_998, "run.attempt_ended", BROKE),
        an_event(1_499_999, "run.retry_scheduled", retry),
        an_event(2_499_998, "run.attempt_ended", {"status": "succeeded"}, attempt=2),
        an_event(2_999_999, "run.settled", {"status": "succeeded"}, attempt=2),
    )

    assert shown == [
        "attempt 1 started",
        "attempt 1 failed: ValueError: no such repo; attempt 2 of 3 at 17:33:02 (in 58s)",
        "run succeeded",
    ]


def test_the_last_failure_is_followed_by_the_end() -> None:
    shown = words(an_event(1_499_998, "run.attempt_ended", BROKE), an_event(1_999_999, "run.settled", BROKE))

    assert shown == ["attempt 1 failed: ValueError: no such repo", "run failed: ValueError: no such repo"]


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("run.held", {"behind": "q"}, "held behind run q"),
        ("run.promoted", {"behind": "q"}, "run q has ended: goes on"),
        ("run.held", {"in_line": "agent:a"}, "in line for a slot of agent:a"),
        ("run.promoted", {"in_line": "agent:a"}, "a slot of agent:a is free: goes on"),
        ("run.answered", {"approved": True, "by": "ada", "note": "Go."}, "approved by ada: Go."),
        ("run.answered", {"approved": False, "by": "ada", "note": ""}, "rejected by ada"),
        ("run.answered", {"by": "ada"}, "answered by ada"),
        ("run.signal", {"by": "ada", "message": "left"}, "ada to the agent: left"),
        ("run.settled", {"status": "cancelled", "cancelled_by": "ada", "reason": "x"}, "run cancelled by ada: x"),
        ("log", {"text": "two\nlines"}, "two\nlines"),
        ("run.new_kind", [1], "run.new_kind  [1]"),
        (
            "run.settled",
            {"status": "succeeded", "result": [1], "untaken_messages": 1},
            "run succeeded (1 message came too late for its agent)",
        ),
        ("run.cancel_requested", {"by": "ada", "reason": "enough"}, "ada asks to stop the run: enough"),
        ("run.settled", "odd", 'run.settled  "odd"'),
    ],
)  # fmt: skip
def test_an_event_in_words(kind: str, data: Any, text: str) -> None:
    assert words(an_event(1, kind, data)) == [text]


@pytest.mark.parametrize(
    ("left", "form", "shown"),
    [
        (timedelta(seconds=119), "%H:%M:%S", "in 1m"),
        (timedelta(minutes=90), "%H:%M:%S", "in 1h"),
        (timedelta(days=1), "%Y-%m-%d %H:%M:%S", "in 24h"),
    ],
)
def test_a_deadline_that_is_far_away_has_its_day(left: timedelta, form: str, shown: str) -> None:
    deadline = (NOW + left).isoformat()
    at = (NOW + left).astimezone(HERE.zone).strftime(form)

    said = words(an_event(1, "run.waiting", {"wait_for": "approval", "deadline": deadline, "question": "Send?"}))

    assert said == [f"waits for approval until {at} ({shown}): Send?"]
