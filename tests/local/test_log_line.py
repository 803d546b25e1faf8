"""What one line of a process's output says."""

import pytest

from tock.local.output.log_line import in_words


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
        pytest.param('{"message": "first\\nsecond"}', "first\nsecond", id="lines"),
        pytest.param(
            '{"message": "broke", "exception": "Traceback\\n  1", "run": "r1", "problem": "a\\nb"}',
            "broke run=r1\nTraceback\n  1\nproblem:\na\nb",
            id="values of several lines",
        ),
        pytest.param("a\x1b[2Jb\rc", "a[2Jb\nc", id="control characters"),
    ],
)
def test_a_line_is_put_into_words(line: str, words: str) -> None:
    assert in_words(line) == words


@pytest.mark.parametrize("line", ['{"message": ' + "[" * 100_000, '{"message": ' + "[" * 4_000 + "]" * 4_000 + "}"])
def test_a_line_that_is_too_deep_to_be_read_is_logged_as_it_is(line: str) -> None:
    assert in_words(line).startswith(('{"message": [[[', "[[["))
