"""The local times that a cron expression names, on a clock that never changes.

The walk goes over the expression's own sets: years, months, the days of a month, hours, minutes and seconds. A step
costs under a microsecond within a day, and a few microseconds for each month that it enters.
"""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, date, datetime, time

from tock.core.schedule.cron.fields import CronFields


def local_times(fields: CronFields, *, after: datetime) -> Iterator[datetime]:
    """Yield the local (naive) times strictly after `after` that the fields name, oldest first, up to year 9999."""
    first = after.date()
    for year, month, day in _dates(fields, since=first):
        if (year, month, day) == (first.year, first.month, first.day):
            for hour, minute, second in _clocks(fields, after=after.time()):
                yield datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - local times have no zone yet
            continue
        for hour in fields.hours:
            for minute in fields.minutes:
                for second in fields.seconds:
                    yield datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - as above


def days_of_month(fields: CronFields, *, year: int, month: int) -> Sequence[int]:
    """Return the days of a month on which the fields' day of month and day of week match, ascending."""
    before_first, length = monthrange(year, month)
    if fields.either_day:
        weekdays, days = frozenset(fields.weekdays), frozenset(fields.days)
        return [day for day in range(1, length + 1) if day in days or (before_first + day) % 7 in weekdays]
    return [day for day in fields.days if day <= length and (before_first + day) % 7 in fields.weekdays]


def _dates(fields: CronFields, *, since: date) -> Iterator[tuple[int, int, int]]:
    for year in range(since.year, MAXYEAR + 1):
        months = fields.months
        if year == since.year:
            months = months[bisect_left(months, since.month) :]
        for month in months:
            days = days_of_month(fields, year=year, month=month)
            if (year, month) == (since.year, since.month):
                days = days[bisect_left(days, since.day) :]
            for day in days:
                yield year, month, day


def _clocks(fields: CronFields, *, after: time) -> Iterator[tuple[int, int, int]]:
    """Yield the hour, minute and second of each time of day strictly after `after`."""
    for hour in fields.hours[bisect_left(fields.hours, after.hour) :]:
        same_hour = hour == after.hour
        for minute in fields.minutes[bisect_left(fields.minutes, after.minute) if same_hour else 0 :]:
            same_minute = same_hour and minute == after.minute
            for second in fields.seconds[bisect_right(fields.seconds, after.second) if same_minute else 0 :]:
                yield hour, minute, second
