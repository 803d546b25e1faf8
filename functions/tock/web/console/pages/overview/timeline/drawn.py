"""Puts the marks of one row on the picture: those that would cover each other become one mark with a count."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tock.web.console.pages.overview.timeline.axis import position
from tock.web.console.pages.overview.timeline.interval import Interval
from tock.web.console.pages.overview.timeline.mark import Mark, MarkKind, rank, worst

#: How far apart marks must stand, in percent of the width; a mark with a count is wider.
NEAR, NEAR_WITH_COUNT = 0.9, 3.0
#: The narrowest stretch that is drawn, and the gap between stretches that is not, in percent of the width.
NARROWEST, GAP = 0.5, 0.3
_THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """One mark on the picture."""

    #: A percentage of the width.
    x: float
    kind: MarkKind
    #: How many occurrences it stands for.
    count: int
    title: str
    #: The only run that it stands for; None for several, and for fire times to come.
    run: str | None
    #: The times of the first and the last occurrence.
    first: datetime
    last: datetime
    #: Whether several marks came together here.
    merged: bool

    @property
    def count_text(self) -> str:
        """The count as the mark has room for it: `12`, `3k`."""
        return _short(self.count)

    @property
    def until(self) -> datetime:
        """The end of the interval that a listing of its runs has, in whole seconds as its fields show them."""
        return self.last.replace(microsecond=0) + timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time on the picture: in percent of its width."""

    x: float
    width: float
    kind: MarkKind


def drawn_marks(marks: Iterable[Mark], interval: Interval) -> tuple[DrawnMark, ...]:
    """Return the marks of a row as they are drawn, the earliest first.

    Marks nearer than NEAR come together. If that happens in a row, its marks need room for their counts.
    """
    ordered = sorted(marks, key=lambda mark: mark.at)
    groups = _groups(ordered, interval, near=NEAR)
    if len(groups) == len(ordered):
        return tuple(_drawn(group, interval) for group in groups)
    drawn: list[DrawnMark] = []
    for group in _groups(ordered, interval, near=NEAR_WITH_COUNT):
        mark = _drawn(group, interval)
        # The middles of two groups can be nearer than their beginnings, by less than that distance.
        least = drawn[-1].x + NEAR_WITH_COUNT if drawn else 0.0
        drawn.append(replace(mark, x=round(max(mark.x, least), 2)))
    return tuple(drawn)


def stretches(marks: Iterable[Mark], interval: Interval) -> tuple[Stretch, ...]:
    """Return the stretches of a row: how long runs worked, and what a range of missed fire times covers.

    Stretches of one kind that touch become one.
    """
    worked = sorted(
        (mark.kind, position(mark.begin, interval), position(mark.end, interval))
        for mark in marks
        if mark.begin is not None and mark.end is not None and mark.begin < interval.until and mark.end > interval.since
        # A race: a run may have started after the present of this page.
        if mark.begin <= mark.end
    )
    found: list[Stretch] = []
    for kind, begin, end in worked:
        before = found[-1] if found else None
        if before is not None and before.kind is kind and begin <= before.x + before.width + GAP:
            found[-1] = Stretch(before.x, round(max(before.x + before.width, end) - before.x, 2), kind)
        elif end - begin >= NARROWEST or kind is MarkKind.RUNNING:
            found.append(Stretch(begin, round(end - begin, 2), kind))
    return tuple(found)


def _groups(ordered: Sequence[Mark], interval: Interval, *, near: float) -> list[list[Mark]]:
    groups: list[list[Mark]] = []
    begins = 0.0
    for mark in ordered:
        x = position(mark.at, interval)
        if groups and x - begins < near:
            groups[-1].append(mark)
        else:
            groups.append([mark])
            begins = x
    return groups


def _drawn(group: Sequence[Mark], interval: Interval) -> DrawnMark:
    first, last = group[0], group[-1]
    x = (position(first.at, interval) + position(last.at, interval)) / 2
    is_merged = len(group) > 1
    return DrawnMark(
        x=round(x, 2),
        kind=worst(group),
        count=sum(mark.count for mark in group),
        title=_counted(group) if is_merged else first.title,
        run=None if is_merged else first.run,
        first=first.at,
        last=last.at,
        merged=is_merged,
    )


def _counted(group: Sequence[Mark]) -> str:
    counts: Counter[MarkKind] = Counter()
    for mark in group:
        counts[mark.kind] += mark.count
    each = (f"{counts[kind]} {kind.replace('_', ' ')}" for kind in sorted(counts, key=rank))
    # Who speaks to the page says what the mark shows.
    return f"{_short(counts.total())} in all, {group[0].when} to {group[-1].when}: {', '.join(each)}"


def _short(count: int) -> str:
    return str(count) if count < _THOUSAND else f"{count // _THOUSAND}k"
