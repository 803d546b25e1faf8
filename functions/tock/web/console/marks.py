"""The marks of statuses: one small drawing for each word, the same in lists, timelines, calendars and legends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Shape:
    """A drawing within a circle of radius 6 around 0,0."""

    #: As the attribute `d` of an SVG path takes it.
    path: str
    #: `fill` for a surface, `stroke` for lines, `thin` for fine ones; console.css draws each.
    drawn: Literal["fill", "stroke", "thin"]


_CROSS = Shape("M-4.5-4.5 4.5 4.5M-4.5 4.5 4.5-4.5", "stroke")
_DOTS = Shape("M-5 0h.01M0 0h.01M5 0h.01", "stroke")
_CLOCK = Shape("M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0M0-3.2V0L2.2 1.4", "thin")
#: For words without a mark of their own.
DOT = Shape("M-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0", "fill")

#: They differ by shape, since not everybody tells colours apart.
SHAPES: Mapping[str, Shape] = {
    "succeeded": Shape("M-5 .5-1.5 4 5-4", "stroke"),
    "failed": _CROSS,
    "lost": _CROSS,
    "timed_out": Shape("M-5-6H5L-5 6H5Z", "fill"),
    "missed": Shape("M0-6 6 5H-6Z", "fill"),
    "waiting": Shape("M0-6 6 0 0 6-6 0Z", "fill"),
    "running": Shape("M-4-5.5 5.5 0-4 5.5Z", "fill"),
    "retrying": Shape("M4.2-3.4A5.4 5.4 0 1 0 5.4 0M4.8-6.4V-3.2H1.6", "thin"),
    "held": Shape("M-3-5V5M3-5V5", "stroke"),
    "cancelled": Shape("M-5.5 0H5.5", "stroke"),
    "skipped": Shape("M-5-5 0 0-5 5M1-5 6 0 1 5", "stroke"),
    "queued": _DOTS,
    "due": _DOTS,
    "continued": _DOTS,
    "scheduled": _CLOCK,
}


def shape_of(word: str) -> Shape:
    """Return the drawing of a status."""
    return SHAPES.get(word, DOT)
