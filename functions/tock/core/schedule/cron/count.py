"""How many fire times a cron expression has between two instants, counted by days instead of one by one.

An outage of weeks may hide a million fire times of one trigger. Counting them takes a few microseconds for each month
and each clock change in between.
"""

from bisect import bisect_left
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tock.core.schedule.clock_changes import LONGEST_CHANGE, clock_changes, offset_at
from tock.core.schedule.cron.fields import CronFields, cron_fields
from tock.core.schedule.cron.local_times import days_of_month, local_times
from tock.core.schedule.cron.times import EARLIEST, LATEST

_SECOND = timedelta(seconds=1)


def count_cron_times(cron: str, *, time_zone: str, after: datetime, until: datetime) -> int:
    """Return how many fire times there are with `after < fire time <= until` (UTC).

    The rules are those of `cron_times`. With elapsed time, every named local time between two clock changes fires. A
    fixed time does not fire again after the clocks went back, and those of a gap fire once when it ends.

    Raises:
        ValueError: the expression is not valid.
    """
    fields, zone = cron_fields(cron), ZoneInfo(time_zone)
    after = max(after, EARLIEST).replace(microsecond=0)
    until = min(until.replace(microsecond=0), LATEST - _SECOND)
    if until <= after:
        return 0
    offset = offset_at(zone, after)
    # Of the local clock, everything before `reached` is counted or has fired before.
    reached = _local(after, offset) + _SECOND
    if fields.fixed_time:
        recent = clock_changes(zone, after=after - LONGEST_CHANGE, until=after)
        reached = max([reached, *(_local(change.at, change.before) for change in recent)])
    total = 0
    for change in clock_changes(zone, after=after, until=until):
        stopped, resumed = _local(change.at, change.before), _local(change.at, change.after)
        total += _count(fields, since=reached, before=stopped)
        if fields.fixed_time:
            reached = max(reached, stopped)
            if reached < resumed:
                total += _fires_as_gap_ends(fields, since=reached, end=resumed)
                reached = resumed
        else:
            reached = resumed
        offset = change.after
    return total + _count(fields, since=reached, before=_local(until, offset) + _SECOND)


def _fires_as_gap_ends(fields: CronFields, *, since: datetime, end: datetime) -> bool:
    """Whether skipped local times fire when the gap ends; a time that is named for that moment is counted elsewhere."""
    named = next(local_times(fields, after=since - _SECOND), end)
    return named < end and next(local_times(fields, after=end - _SECOND), None) != end


def _count(fields: CronFields, *, since: datetime, before: datetime) -> int:
    """Return how many local times the fields name with `since <= local time < before`."""
    if since >= before:
        return 0
    clocks = len(fields.hours) * len(fields.minutes) * len(fields.seconds)
    days = _count_days(fields, since=since.date(), before=before.date())
    return days * clocks + _clocks_before(fields, before) - _clocks_before(fields, since)


def _count_days(fields: CronFields, *, since: date, before: date) -> int:
    total = -_named_days_before(fields, since)
    for year in range(since.year, before.year + 1):
        for month in fields.months:
            if (since.year, since.month) <= (year, month) < (before.year, before.month):
                total += len(days_of_month(fields, year=year, month=month))
    return total + _named_days_before(fields, before)


def _named_days_before(fields: CronFields, day: date) -> int:
    """Return how many days of the day's month come before it and are named."""
    if day.month not in fields.months:
        return 0
    return bisect_left(days_of_month(fields, year=day.year, month=day.month), day.day)


def _clocks_before(fields: CronFields, local: datetime) -> int:
    """Return how many times of the day come before this local time and are named; none if the day is not."""
    if local.month not in fields.months or local.day not in days_of_month(fields, year=local.year, month=local.month):
        return 0
    clock: time = local.time()
    hours, minutes, seconds = fields.hours, fields.minutes, fields.seconds
    total = bisect_left(hours, clock.hour) * len(minutes) * len(seconds)
    if clock.hour in hours:
        total += bisect_left(minutes, clock.minute) * len(seconds)
        if clock.minute in minutes:
            total += bisect_left(seconds, clock.second)
    return total


def _local(instant: datetime, offset: timedelta) -> datetime:
    return (instant + offset).replace(tzinfo=None)
