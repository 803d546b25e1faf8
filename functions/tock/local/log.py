"""Writes the output of all processes of a stack to one readable log."""

import json
import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, TextIO

_COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
_WIDTH = 11
#: Severities that are not shown.
_HIDDEN_SEVERITIES = {"DEFAULT", "DEBUG", "INFO", "NOTICE"}
#: Fields of Google's structured logging that are not shown as key=value.
_HIDDEN_FIELDS = {"severity", "message", "time", "timestamp", "timestampSeconds", "timestampNanos"}


class Log:
    """Writes lines `HH:MM:SS name | text` in local time to every stream; names are coloured on a terminal."""

    def __init__(self, *streams: TextIO, now: Callable[[], datetime], colour: bool | None = None) -> None:
        self._streams = [(stream, stream.isatty() if colour is None else colour) for stream in streams]
        self._now = now

    def __call__(self, name: str, text: str) -> None:
        """Write one line of the process called `name`; a line of structured logging becomes readable text."""
        # astimezone() without an argument uses the machine's time zone.
        clock = self._now().astimezone().strftime("%H:%M:%S")
        words = in_words(text)
        for stream, coloured in self._streams:
            stream.write(f"{clock} {_label(name, coloured=coloured)} | {words}\n")
            stream.flush()


def _label(name: str, *, coloured: bool) -> str:
    label = f"{name:<{_WIDTH}}"
    return f"\x1b[{_COLOURS[zlib.crc32(name.encode()) % len(_COLOURS)]}m{label}\x1b[0m" if coloured else label


def in_words(text: str) -> str:
    """Return `message key=value …` for a line of Google's structured logging, and any other line as it is.

    A severity above NOTICE comes first. Control characters are removed, and several lines, such as a traceback's, are
    joined with ` / ` into one.
    """
    event = _event(text)
    if event is None:
        return _plain(text)
    severity = str(event.get("severity", "DEFAULT")).upper()
    words = [] if severity in _HIDDEN_SEVERITIES else [severity]
    if message := event.get("message"):
        words.append(message if isinstance(message, str) else json.dumps(message))
    words += [f"{key}={_value(value)}" for key, value in event.items() if not _is_hidden(key)]
    return _plain(" ".join(words))


def _event(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) and ("message" in event or "severity" in event) else None


def _is_hidden(key: str) -> bool:
    return key in _HIDDEN_FIELDS or key.startswith("logging.googleapis.com/")


def _value(value: Any) -> str:
    if isinstance(value, str) and value and not any(character in value for character in ' "=\n'):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _plain(text: str) -> str:
    r"""Return the text in one line, without control characters such as \x1b and \r, which move a terminal's cursor."""
    joined = " / ".join(text.splitlines())
    return "".join(character for character in joined if character.isprintable() or character == "\t")
