"""The life of a run as a picture in characters, to scale."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from tock.cli.output.lengths import how_long
from tock.web.resources.runs.timeline import Segment

#: How a segment is drawn: as work or as a wait, where blocks can be shown and where they cannot.
_WORK, _WAIT = ("█", "#"), ("░", ".")
#: The width of the picture is at least this, however narrow the terminal.
_NARROWEST = 10
#: The most characters of the column with the names.
_NAMES = 14


def drawn(segments: Sequence[Segment], *, width: int, ascii_only: bool = False) -> Iterator[str]:
    """Yield a line for each segment, none longer than `width`, with a bar to scale.

    Each bar has at least one character, so that what is short is seen too.
    """
    if not segments:
        return
    begin, end = segments[0].begin, max(segment.end for segment in segments)
    whole = max(end - begin, timedelta(microseconds=1))
    notes = [_note(segment) for segment in segments]
    room = max(width - _NAMES - 2, _NARROWEST)
    longest = min(max(map(len, notes)), room - _NARROWEST)
    bars = room - longest - 1
    for segment, note in zip(segments, notes, strict=True):
        first = min(int((segment.begin - begin) / whole * bars), bars - 1)
        last = max(round((segment.end - begin) / whole * bars), first + 1)
        mark = (_WORK if segment.works else _WAIT)[ascii_only]
        bar = " " * first + mark * (last - first)
        # The dot says that something was cut off, and stands on every terminal.
        shown = note if len(note) <= longest else f"{note[: longest - 1]}."
        yield f"{segment.name[:_NAMES]:<{_NAMES}} {bar:<{bars}} {shown}".rstrip()


def _note(segment: Segment) -> str:
    return f"{how_long(segment.length)}  {segment.note}".rstrip()
