"""The fire times of a schedule that have passed: the newest one, and how many there were, without a walk over all."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import assert_never

from tock.core.schedule.cron.count import count_cron_times
from tock.core.schedule.cron.times import LATEST
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule, Schedule, fire_times

#: How far back the newest fire time of a cron expression is looked for at first; then ever four times as far.
_FIRST_LOOK = timedelta(minutes=1)


def newest_fire_time(schedule: Schedule, *, after: datetime, until: datetime) -> datetime | None:
    """Return the schedule's newest fire time with `after < fire time <= until`, in UTC, or None.

    Raises:
        ValueError: `after` or `until` has no offset.
    """
    after, until = _in_utc(after, until)
    if isinstance(schedule, CronSchedule):
        until = min(until, LATEST)
    look = _FIRST_LOOK
    while until > after:
        since = until - look if until - after > look else after
        for newest in reversed(
            tuple(takewhile(lambda fire_time: fire_time <= until, fire_times(schedule, after=since)))
        ):
            return newest
        if since == after:
            return None
        look *= 4
    return None


def count_fire_times(schedule: Schedule, *, after: datetime, until: datetime) -> int:
    """Return how many fire times the schedule has with `after < fire time <= until`.

    Raises:
        ValueError: `after` or `until` has no offset.
    """
    after, until = _in_utc(after, until)
    match schedule:
        case CronSchedule():
            return count_cron_times(schedule.cron, time_zone=schedule.time_zone, after=after, until=until)
        case IntervalSchedule():
            before, now = ((instant - schedule.anchor) // schedule.every for instant in (after, until))
            return max(now - before, 0)
        case OnceSchedule():
            return int(after < schedule.at <= until)
        case _:
            assert_never(schedule)


def _in_utc(after: datetime, until: datetime) -> tuple[datetime, datetime]:
    if after.utcoffset() is None or until.utcoffset() is None:
        raise ValueError("after and until need an offset")
    return after.astimezone(UTC), until.astimezone(UTC)
