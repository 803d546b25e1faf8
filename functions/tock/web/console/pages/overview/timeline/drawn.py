"""Puts the marks of one row on the picture: those that would cover each other become one mark with a count."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf

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


def drawn_marks(marks: Iterable[Mark], interval: Interval, *, now: datetime) -> tuple[DrawnMark, ...]:
    """Return the marks of a row as they are drawn, the earliest first.

    Marks nearer than NEAR come together, with those that their count would cover. What was and what comes stay apart.
    """
    ordered = sorted(marks, key=lambda mark: mark.at)
    past = _drawn_apart([mark for mark in ordered if mark.at <= now], interval)
    coming = _drawn_apart([mark for mark in ordered if mark.at > now], interval)
    present = position(now, interval)
    if not interval.contains(now):
        return _placed([*past, *coming])
    return _placed(past, most=present) + _placed(coming, least=present)


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


def _drawn_apart(ordered: Sequence[Mark], interval: Interval) -> list[DrawnMark]:
    drawn: list[DrawnMark] = []
    for group in _groups(ordered, interval):
        parts = [[mark] for mark in group] if _stand_apart(group, interval) else [group]
        drawn += (_drawn(part, interval) for part in parts)
    return drawn


def _groups(ordered: Sequence[Mark], interval: Interval) -> list[list[Mark]]:
    groups: list[list[Mark]] = []
    begins = 0.0
    for mark in ordered:
        x = position(mark.at, interval)
        if groups and x - begins < NEAR_WITH_COUNT:
            groups[-1].append(mark)
        else:
            groups.append([mark])
            begins = x
    return groups


def _stand_apart(group: Sequence[Mark], interval: Interval) -> bool:
    """Whether marks that lie within the width of a count can be drawn one by one, in no more room than that."""
    places = [position(mark.at, interval) for mark in group]
    return len(group) * NEAR <= NEAR_WITH_COUNT and all(later - one >= NEAR for one, later in pairwise(places))


def _placed(drawn: Sequence[DrawnMark], *, least: float = -inf, most: float = inf) -> tuple[DrawnMark, ...]:
    """Move marks as little as it takes, so that none covers another one, `least` or `most`."""
    places: list[float] = []
    for mark in drawn:
        places.append(max(mark.x, least + _half(mark)))
        least = places[-1] + _half(mark)
    for number in reversed(range(len(drawn))):
        half = _half(drawn[number])
        places[number] = min(places[number], most - half)
        most = places[number] - half
    return tuple(replace(mark, x=round(max(x, 0.0), 2)) for mark, x in zip(drawn, places, strict=True))


def _half(mark: DrawnMark) -> float:
    return (NEAR_WITH_COUNT if mark.merged else NEAR) / 2


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
