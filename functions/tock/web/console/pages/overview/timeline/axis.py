"""The axis of the timeline: where its lines stand, and where the reader's clocks change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tock.core.schedule.clock_changes import clock_changes
from tock.core.time.instant import just_before
from tock.web.console.pages.overview.timeline.interval import Interval

#: How far apart the lines are, by span; each stands at a multiple of it after local midnight.
_STEPS = {
    "1h": timedelta(minutes=10),
    "6h": timedelta(hours=1),
    "24h": timedelta(hours=3),
    "7d": timedelta(days=1),
    "30d": timedelta(days=3),
}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the axis, at a percentage of the picture's width."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the reader's clocks, at a percentage of the picture's width."""

    x: float
    label: str


def position(instant: datetime, interval: Interval) -> float:
    """Return where an instant stands in the picture: a percentage of its width, cut off at its edges."""
    part = (instant - interval.since) / (interval.until - interval.since)
    return round(min(max(part, 0.0), 1.0) * 100, 2)


def ticks(interval: Interval, *, zone: ZoneInfo) -> tuple[Tick, ...]:
    """Return the lines of the axis, at round times of the reader's clocks."""
    return tuple(
        Tick(position(instant, interval), _label(instant.astimezone(zone), span=interval.span))
        for instant in _instants(interval, zone=zone)
    )


def changes(interval: Interval, *, zone: ZoneInfo) -> tuple[Change, ...]:
    """Return the changes of the reader's clocks within the interval."""
    found = clock_changes(zone, after=just_before(interval.since), until=interval.until)
    shown = []
    for each in found:
        before, after = (_wall(each.at, offset) for offset in (each.before, each.after))
        way = "forward" if each.after > each.before else "back"
        shown.append(Change(position(each.at, interval), f"clocks go {way}: {before:%H:%M} → {after:%H:%M}"))
    return tuple(shown)


def _instants(interval: Interval, *, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants, oldest first; a local time that a clock change repeats comes twice, one it skips never."""
    step = _STEPS[interval.span]
    day = interval.since.astimezone(zone).date()
    last = interval.until.astimezone(zone).date()
    while day <= last:
        for instant in _of_day(day, step=step, zone=zone):
            if interval.contains(instant):
                yield instant
        day += max(step, _DAY)


def _of_day(day: date, *, step: timedelta, zone: ZoneInfo) -> list[datetime]:
    found = set()
    for number in range(max(1, _DAY // step)):
        wall = datetime.combine(day, time()) + number * step
        for fold in (0, 1):
            instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            if instant.astimezone(zone).replace(tzinfo=None) == wall:
                found.add(instant)
    return sorted(found)


def _label(local: datetime, *, span: str) -> str:
    if _STEPS[span] >= _DAY:
        return f"{local:%a} {local.day} {local:%b}" if span == "7d" else f"{local.day} {local:%b}"
    return f"{local:%a} {local.day} {local:%b}" if local.time() == time() else f"{local:%H:%M}"


def _wall(instant: datetime, offset: timedelta) -> datetime:
    return instant.astimezone(UTC) + offset
