"""The timeline as a picture: rows of marks over an axis, bounded however many runs there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tock.web.console.pages.overview.timeline.axis import Change, Tick, changes, position, ticks
from tock.web.console.pages.overview.timeline.drawn import DrawnMark, Stretch, drawn_marks, stretches
from tock.web.console.pages.overview.timeline.interval import Interval
from tock.web.console.pages.overview.timeline.mark import Mark, MarkKind, rank, worst

#: The most rows; the worst ones are kept.
MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one trigger, or of all runs without one."""

    #: None for runs without a trigger.
    trigger: str | None
    #: The trigger's name or id.
    label: str
    marks: tuple[DrawnMark, ...]
    stretches: tuple[Stretch, ...]
    #: How many occurrences there are of each kind, the worst first.
    counts: tuple[tuple[MarkKind, int], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole timeline; places are percentages of its width."""

    interval: Interval
    rows: tuple[Row, ...]
    #: How many triggers are left out, because there are more than MOST_ROWS.
    rows_left_out: int
    ticks: tuple[Tick, ...]
    changes: tuple[Change, ...]
    #: Where the present is; None if it lies outside.
    now: float | None


def picture(
    marks: Iterable[Mark], *, names: Mapping[str, str], interval: Interval, now: datetime, zone: ZoneInfo
) -> Picture:
    """Return the picture of the marks.

    Args:
        marks: those within the interval, in any order.
        names: the names of triggers by their id; each has a row, also without a mark.
        interval: what the picture shows.
        now: the present.
        zone: that of the reader, for the axis.
    """
    by_row: dict[str | None, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_row[mark.trigger].append(mark)
    for trigger in names:
        by_row.setdefault(trigger, [])
    kept = _kept(by_row)
    rows = [_row(trigger, by_row[trigger], names=names, interval=interval, now=now) for trigger in kept]
    return Picture(
        interval=interval,
        rows=tuple(sorted(rows, key=_place)),
        rows_left_out=len(by_row) - len(kept),
        ticks=ticks(interval, zone=zone),
        changes=changes(interval, zone=zone),
        now=position(now, interval) if interval.contains(now) else None,
    )


def _kept(by_row: Mapping[str | None, Sequence[Mark]]) -> list[str | None]:
    def trouble(row: str | None) -> tuple[int, int, str]:
        found = by_row[row]
        return rank(worst(found)) if found else len(MarkKind), -len(found), row or ""

    return sorted(by_row, key=trouble)[:MOST_ROWS]


def _row(
    trigger: str | None, marks: Sequence[Mark], *, names: Mapping[str, str], interval: Interval, now: datetime
) -> Row:
    counts: Counter[MarkKind] = Counter()
    for mark in marks:
        counts[mark.kind] += mark.count
    return Row(
        trigger=trigger,
        label="Runs without a trigger" if trigger is None else names.get(trigger, trigger),
        marks=drawn_marks(marks, interval, now=now),
        stretches=stretches(marks, interval),
        counts=tuple((kind, counts[kind]) for kind in sorted(counts, key=rank)),
    )


def _place(row: Row) -> tuple[bool, str, str]:
    return row.trigger is None, row.label.lower(), row.trigger or ""
