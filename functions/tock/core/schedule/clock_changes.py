"""The clock changes of a time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# Since 1970 no zone has changed its clocks twice within six days (tzdata 2026).
_STEP = timedelta(days=3)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """At the instant `at` (UTC), a zone's offset from UTC changes from `before` to `after`."""

    at: datetime
    before: timedelta
    after: timedelta


def clock_changes(time_zone: str, *, after: datetime, until: datetime) -> Iterator[ClockChange]:
    """Yield a zone's clock changes with `after < at <= until`, oldest first."""
    for year in range(after.year, until.year + 1):
        for change in _changes_of_year(time_zone, year):
            if after < change.at <= until:
                yield change


def offset_at(zone: ZoneInfo, instant: datetime) -> timedelta:
    """Return how far a zone's clocks are ahead of UTC at an instant; negative if they are behind."""
    offset = instant.astimezone(zone).utcoffset()
    return timedelta() if offset is None else offset


@lru_cache(maxsize=8192)
def _changes_of_year(time_zone: str, year: int) -> tuple[ClockChange, ...]:
    zone = ZoneInfo(time_zone)
    changes = []
    low, end = datetime(year, 1, 1, tzinfo=UTC) - _SECOND, datetime(year + 1, 1, 1, tzinfo=UTC) - _SECOND
    before = offset_at(zone, low)
    while low < end:
        high = min(low + _STEP, end)
        after = offset_at(zone, high)
        if after != before:
            changes.append(ClockChange(_moment_of_change(zone, low, high), before, after))
        low, before = high, after
    return tuple(changes)


def _moment_of_change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    before = offset_at(zone, low)
    while high - low > _SECOND:
        middle = low + (high - low) // (2 * _SECOND) * _SECOND
        if offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high
