"""Logs one JSON object per line, as Google Cloud's structured logging reads it."""

import json
import logging
import sys
from typing import Any

from tock.core.mask import Mask

#: The attributes that every record has; the others are the fields that a log event was logged with.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SEVERITIES = {"WARN": "WARNING", "FATAL": "CRITICAL"}


class JsonLines(logging.Formatter):
    """Renders a record as `{"severity", "message", …fields}` (Cloud Logging, "Structured logging"), masked."""

    def __init__(self, *, mask: Mask | None = None) -> None:
        super().__init__()
        self._mask = mask or Mask([])

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line: dict[str, Any] = {
            "severity": _SEVERITIES.get(record.levelname, record.levelname),
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        line |= line.pop("fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # ASCII only: a lone surrogate in a text must not break the line.
        return json.dumps(self._mask(line), default=lambda value: self._mask(str(value)))


def log_to_stdout(*, mask: Mask) -> None:
    """Send the records of the logger `tock` to standard output, masked, and warnings that no other handler takes.

    Python would print the warnings of libraries to standard error as they are, and they may quote what a server has
    sent. A second call changes nothing.
    """
    logger = logging.getLogger("tock")
    if any(isinstance(handler.formatter, JsonLines) for handler in logger.handlers):
        return
    logger.addHandler(_handler(mask, level=logging.NOTSET))
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logging.lastResort = _handler(mask, level=logging.WARNING)


def _handler(mask: Mask, *, level: int) -> logging.Handler:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(mask=mask))
    handler.setLevel(level)
    return handler
