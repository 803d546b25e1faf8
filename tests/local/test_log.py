"""The log of the local stack."""

import io
from datetime import UTC, datetime

import pytest

from tock.local.log import Log, in_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("plain text {}", "plain text {}", id="plain"),
        pytest.param(
            '{"severity": "INFO", "message": "run_started", "run": "r1", "attempt": 2}',
            "run_started run=r1 attempt=2",
            id="event",
        ),
        pytest.param(
            '{"severity": "ERROR", "message": "tick failed", "error": "no room", "at": null}',
            'ERROR tick failed error="no room" at=null',
            id="severity and quotes",
        ),
        pytest.param(
            '{"message": "x", "timestamp": "t", "logging.googleapis.com/trace": "t", "tags": ["a"]}',
            'x tags=["a"]',
            id="fields for the cloud alone",
        ),
        pytest.param('{"claimed": 3}', '{"claimed": 3}', id="JSON that is no event"),
        pytest.param('{"message": "cut', '{"message": "cut', id="half an object"),
        pytest.param('{"message": "first\\nsecond"}', "first / second", id="lines"),
        pytest.param("a\x1b[2Jb\rc", "a[2Jb / c", id="control characters"),
    ],
)
def test_a_line_is_put_into_words(line: str, words: str) -> None:
    assert in_words(line) == words


def test_each_line_carries_time_and_name() -> None:
    stream = io.StringIO()
    noon = datetime(2027, 1, 1, 12, 0, 5, tzinfo=UTC)

    Log(stream, now=lambda: noon)("api", "ready")

    assert stream.getvalue() == f"{noon.astimezone():%H:%M:%S} api         | ready\n"


def test_colour_is_for_terminals_and_differs_by_name() -> None:
    stream = io.StringIO()
    log = Log(stream, now=lambda: datetime(2027, 1, 1, tzinfo=UTC), colour=True)

    log("tick", "a")
    log("run", "a")

    first, second = stream.getvalue().splitlines()
    assert "\x1b[" in first
    assert first.replace("tick", "run ") != second
