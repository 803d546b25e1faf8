"""Writes the output of all processes of a stack to one readable log."""

import contextlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TextIO

_COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
_WIDTH = 11
#: The name of the log's own lines.
_LOG = "log"
#: Severities that are not shown.
_HIDDEN_SEVERITIES = {"DEFAULT", "DEBUG", "INFO", "NOTICE"}
#: Fields of Google's structured logging that are not shown as key=value.
_HIDDEN_FIELDS = {"severity", "message", "time", "timestamp", "timestampSeconds", "timestampNanos"}


@contextmanager
def log_file(path: Path, *, mode: Literal["a", "w"]) -> Iterator[TextIO]:
    """Open a file for a log, in UTF-8. Raises OSError if it cannot be opened; a full disk at the end is no error."""
    file = path.open(mode, encoding="utf-8", errors="backslashreplace")
    try:
        yield file
    finally:
        with contextlib.suppress(OSError):
            file.close()


class Log:
    """Writes lines `HH:MM:SS name | text` in local time to every stream; names are coloured on a terminal.

    A stream that cannot be written, because its disk is full, is left out until it can; the others say so.
    """

    def __init__(self, *streams: TextIO, now: Callable[[], datetime], colour: bool | None = None) -> None:
        self._streams = [(stream, stream.isatty() if colour is None else colour) for stream in streams]
        self._failing: set[TextIO] = set()
        self._now = now

    def __call__(self, name: str, text: str) -> None:
        """Write one line of the process called `name`; a line of structured logging becomes readable text."""
        self._write(name, in_words(text), streams=self._streams)

    def _write(self, name: str, words: str, *, streams: Iterable[tuple[TextIO, bool]]) -> None:
        # astimezone() without an argument uses the machine's time zone.
        clock = self._now().astimezone().strftime("%H:%M:%S")
        for stream, coloured in streams:
            try:
                stream.write(f"{clock} {_label(name, coloured=coloured)} | {words}\n")
                stream.flush()
            except OSError as exc:
                self._report(stream, exc)
            else:
                self._failing.discard(stream)

    def _report(self, stream: TextIO, error: OSError) -> None:
        """Say on the other streams, once, that this one cannot be written."""
        if stream not in self._failing:
            self._failing.add(stream)
            others = [(each, coloured) for each, coloured in self._streams if each not in self._failing]
            words = f"{stream.name} cannot be written: {error.strerror or error}; lines are missing there"
            self._write(_LOG, words, streams=others)


def _label(name: str, *, coloured: bool) -> str:
    label = f"{name:<{_WIDTH}}"
    return f"\x1b[{_COLOURS[zlib.crc32(name.encode()) % len(_COLOURS)]}m{label}\x1b[0m" if coloured else label


def in_words(text: str) -> str:
    """Return `message key=value …` for a line of Google's structured logging, and any other line as it is.

    A severity above NOTICE comes first. Control characters are removed, and several lines, such as a traceback's, are
    joined with ` / ` into one.
    """
    event = _event(text)
    try:
        return _plain(text if event is None else _words(event))
    except RecursionError:
        return _plain(text)


def _words(event: dict[str, Any]) -> str:
    severity = str(event.get("severity", "DEFAULT")).upper()
    words = [] if severity in _HIDDEN_SEVERITIES else [severity]
    if message := event.get("message"):
        words.append(message if isinstance(message, str) else json.dumps(message))
    words += [f"{key}={_value(value)}" for key, value in event.items() if not _is_hidden(key)]
    return " ".join(words)


def _event(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
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
