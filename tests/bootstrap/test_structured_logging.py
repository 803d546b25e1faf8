"""One JSON object per log line, whatever was logged."""

import json
import logging

from tock.bootstrap.structured_logging import JsonLines


def line(**extra: object) -> str:
    record = logging.makeLogRecord({"msg": "run_settled", "levelname": "WARNING", "levelno": logging.WARNING} | extra)
    return JsonLines().format(record)


def test_an_event_has_its_severity_and_its_fields_however_they_were_given() -> None:
    assert json.loads(line(fields={"run": "r1", "attempt": 2}, stream="stdout")) == {
        "severity": "WARNING",
        "message": "run_settled",
        "run": "r1",
        "attempt": 2,
        "stream": "stdout",
    }


def test_half_a_character_does_not_break_the_line() -> None:
    text = line(fields={"problem": "\ud83d"})

    assert text.encode()
    assert json.loads(text)["problem"] == "\ud83d"
