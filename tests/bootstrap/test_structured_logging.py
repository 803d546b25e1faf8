"""One JSON object per log line, whatever was logged."""

import json
import logging
from pathlib import Path

from tock.bootstrap.structured_logging import JsonLines
from tock.core.mask import Mask


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


def test_secrets_are_masked_wherever_they_stand_in_a_record() -> None:
    record = logging.makeLogRecord({"msg": "the key s3cr3t-token", "fields": {"problem": ["s3cr3t-token"]}})
    record.printed = Path("/s3cr3t-token")
    error = ValueError("s3cr3t-token")
    record.exc_info = (ValueError, error, None)

    text = JsonLines(mask=Mask(["s3cr3t-token"])).format(record)

    assert "s3cr3t-token" not in text
    assert json.loads(text)["message"] == "the key ***"
    assert json.loads(text)["problem"] == ["***"]
    assert json.loads(text)["printed"] == "/***"
    assert "ValueError: ***" in json.loads(text)["exception"]
