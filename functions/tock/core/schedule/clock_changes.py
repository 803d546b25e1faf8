"""The clock changes of a time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

# Since 1970 no zone has changed its clocks twice within six days (tzdata 2026).
_STEP = timedelta(days=3)
#: No zone has ever changed its clocks by more than a day.
LONGEST_CHANGE = timedelta(days=2)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """At the instant `at` (UTC), a zone's offset from UTC changes from `before` to `after`."""

    at: datetime
    before: timedelta
    after: timedelta


def clock_changes(zone: ZoneInfo, *, after: datetime, until: datetime) -> Iterator[ClockChange]:
    """Yield a zone's clock changes with `after < at <= until` (UTC), oldest first."""
    low, before = after, offset_at(zone, after)
    while low < until:
        high = low + _STEP if until - low > _STEP else until
        offset = offset_at(zone, high)
        if offset != before:
            yield ClockChange(_moment_of_change(zone, low, high), before, offset)
        low, before = high, offset


def offset_at(zone: ZoneInfo, instant: datetime) -> timedelta:
    """Return how far a zone's clocks are ahead of UTC at an instant; negative if they are behind."""
    offset = instant.astimezone(zone).utcoffset()
    return timedelta() if offset is None else offset


def _moment_of_change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    # Clocks change at whole seconds.
    before = offset_at(zone, low)
    low, high = low.replace(microsecond=0), high.replace(microsecond=0)
    while high - low > _SECOND:
        middle = low + (high - low) // (2 * _SECOND) * _SECOND
        if offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high
