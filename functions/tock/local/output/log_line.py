"""Reads one line of a process's output: an event of Google's structured logging, or plain text."""

import json
from typing import Any

#: Severities that are not shown.
_HIDDEN_SEVERITIES = {"DEFAULT", "DEBUG", "INFO", "NOTICE"}
#: Fields of Google's structured logging that are not shown as key=value.
_HIDDEN_FIELDS = {"severity", "message", "time", "timestamp", "timestampSeconds", "timestampNanos"}
#: The field with a traceback.
EXCEPTION = "exception"


def event_of(text: str) -> dict[str, Any] | None:
    """Return the fields of a line of structured logging; None for any other line."""
    if not text.startswith("{"):
        return None
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and ("message" in event or "severity" in event) else None


def severity_of(event: dict[str, Any]) -> str:
    """Return the severity of an event, in capitals; empty up to NOTICE."""
    severity = str(event.get("severity", "DEFAULT")).upper()
    return "" if severity in _HIDDEN_SEVERITIES else severity


def in_words(text: str) -> str:
    """Return `message key=value …` for a line of structured logging, and any other line as it is.

    A severity above NOTICE comes first. Values of several lines, such as a traceback, come last, in their own lines.
    Control characters are removed.
    """
    event = event_of(text)
    try:
        return plain(text if event is None else _words(event))
    except RecursionError:
        return plain(text)


def plain(text: str) -> str:
    r"""Return the text's lines without control characters such as \x1b and \r, which move a terminal's cursor."""
    lines = text.splitlines()
    return "\n".join("".join(each for each in line if each.isprintable() or each == "\t") for line in lines)


def _words(event: dict[str, Any]) -> str:
    words = [severity] if (severity := severity_of(event)) else []
    if message := event.get("message"):
        words.append(message if isinstance(message, str) else json.dumps(message))
    shown = {key: value for key, value in event.items() if not _is_hidden(key)}
    long = {key: value for key, value in shown.items() if isinstance(value, str) and "\n" in value}
    words += [f"{key}={_value(value)}" for key, value in shown.items() if key not in long]
    texts = [value if key == EXCEPTION else f"{key}:\n{value}" for key, value in long.items()]
    return "\n".join([" ".join(words), *texts])


def _is_hidden(key: str) -> bool:
    return key in _HIDDEN_FIELDS or key.startswith("logging.googleapis.com/")


def _value(value: Any) -> str:
    if isinstance(value, str) and value and not any(character in value for character in ' "=\n'):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
