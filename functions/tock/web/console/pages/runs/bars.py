"""The timeline of a run as bars to scale, for a table whose rows say the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tock.web.resources.runs.timeline import Segment

#: The least width of a bar, in hundredths of the whole, so that what is short is seen too.
_THINNEST = 0.6


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a run's life, and where its bar is: offset and width as an SVG attribute takes them."""

    name: str
    note: str
    begin: datetime
    length: timedelta
    #: Whether it goes on, so that its length grows.
    goes_on: bool
    #: `work`, `failed`, `wait` or `held`: how it looks.
    look: str
    x: str
    width: str


def bars(segments: Sequence[Segment]) -> tuple[Bar, ...]:
    """Return a bar for each part; the whole width is the time from the first beginning to the last end."""
    if not segments:
        return ()
    begin, end = min(each.begin for each in segments), max(each.end for each in segments)
    whole = max(end - begin, timedelta(microseconds=1))
    return tuple(_bar(each, begin=begin, whole=whole) for each in segments)


def _bar(segment: Segment, *, begin: datetime, whole: timedelta) -> Bar:
    width = max(segment.length / whole * 100, _THINNEST)
    offset = min((segment.begin - begin) / whole * 100, 100 - width)
    return Bar(
        name=segment.name,
        note=segment.note,
        begin=segment.begin,
        length=segment.length,
        goes_on=segment.goes_on,
        look=_look(segment),
        x=f"{offset:.2f}%",
        width=f"{width:.2f}%",
    )


def _look(segment: Segment) -> str:
    if segment.works:
        return "failed" if segment.note.startswith(("failed", "timed out", "lost")) else "work"
    return "held" if segment.name == "held" else "wait"
