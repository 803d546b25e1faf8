"""Writes the output of all processes of a stack to one readable log."""

import contextlib
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal, TextIO

from tock.local.output.brief import in_brief
from tock.local.output.log_line import in_words

_COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
_WIDTH = 11
#: The name of the log's own lines.
_LOG = "log"
#: In the place of the time, before each further line of what was said at once.
_LATER = " " * len("HH:MM:SS")


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

    A text of several lines stays so. Streams in `brief` get only what `in_brief` picks. A stream that cannot be
    written, because its disk is full, is left out until it can; the others say so.
    """

    def __init__(
        self,
        *streams: TextIO,
        now: Callable[[], datetime],
        colour: bool | None = None,
        brief: Collection[TextIO] = (),
    ) -> None:
        self._coloured = {stream: stream.isatty() if colour is None else colour for stream in streams}
        self._brief = frozenset(brief)
        self._failing: set[TextIO] = set()
        self._now = now

    def __call__(self, name: str, text: str) -> None:
        """Write one line of the process called `name`; a line of structured logging becomes readable text."""
        whole, brief = (name, in_words(text)), in_brief(name, text) if self._brief else None
        for stream in self._coloured:
            said = brief if stream in self._brief else whole
            if said is not None:
                self._write(*said, stream=stream)

    def _write(self, name: str, words: str, *, stream: TextIO) -> None:
        # astimezone() without an argument uses the machine's time zone.
        clock = self._now().astimezone().strftime("%H:%M:%S")
        label = _label(name, coloured=self._coloured[stream])
        first, *later = words.split("\n")
        try:
            stream.write("".join([f"{clock} {label} | {first}\n", *(f"{_LATER} {label} | {line}\n" for line in later)]))
            stream.flush()
        except OSError as exc:
            self._report(stream, exc)
        else:
            self._failing.discard(stream)

    def _report(self, stream: TextIO, error: OSError) -> None:
        """Say on the other streams, once, that this one cannot be written."""
        if stream not in self._failing:
            self._failing.add(stream)
            words = f"{stream.name} cannot be written: {error.strerror or error}; lines are missing there"
            for each in self._coloured:
                if each not in self._failing:
                    self._write(_LOG, words, stream=each)


def _label(name: str, *, coloured: bool) -> str:
    label = f"{name:<{_WIDTH}}"
    return f"\x1b[{_COLOURS[zlib.crc32(name.encode()) % len(_COLOURS)]}m{label}\x1b[0m" if coloured else label
