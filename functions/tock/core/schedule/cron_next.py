"""The next local time that a cron expression names, on a clock that never changes.

croniter finds the date, and a bisect over the fields finds the time of day. Many triggers have the same date fields
(`* * 1-5`), so found dates are cached: a step costs a few microseconds instead of croniter's 50 to 200.
"""

from bisect import bisect_left, bisect_right
from datetime import MAXYEAR, date, datetime, time, timedelta
from functools import lru_cache

from tock.core.schedule.cron_fields import CronFields

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def next_local(fields: CronFields, local: datetime) -> datetime | None:
    """Return the first local (naive) time strictly after `local` that the fields name, or None past year 9998."""
    day = local.date()
    dates = (_plain(fields.days), _plain(fields.months), _plain(fields.weekdays))
    following = _date_from(" ".join(dates), day, either_day=fields.either_day)
    if following == day:
        clock = _next_clock(fields, local.time())
        if clock is not None:
            return datetime.combine(day, clock)
        following = _date_from(" ".join(dates), day + _DAY, either_day=fields.either_day)
    if following is None:
        return None
    return datetime.combine(following, time(fields.hours[0], fields.minutes[0], fields.seconds[0]))


def _next_clock(fields: CronFields, clock: time) -> time | None:
    hours, minutes, seconds = fields.hours, fields.minutes, fields.seconds
    hour = bisect_left(hours, clock.hour)
    if hour < len(hours) and hours[hour] == clock.hour:
        minute = bisect_left(minutes, clock.minute)
        if minute < len(minutes) and minutes[minute] == clock.minute:
            second = bisect_right(seconds, clock.second)
            if second < len(seconds):
                return clock.replace(second=seconds[second], microsecond=0)
            minute += 1
        if minute < len(minutes):
            return time(clock.hour, minutes[minute], seconds[0])
        hour += 1
    return time(hours[hour], minutes[0], seconds[0]) if hour < len(hours) else None


@lru_cache(maxsize=1024)
def _plain(values: tuple[int, ...]) -> str:
    return ",".join(map(str, values))


@lru_cache(maxsize=16384)
def _date_from(dates: str, day: date, *, either_day: bool) -> date | None:
    if day.year == MAXYEAR:
        return None
    from croniter import CroniterBadDateError, croniter  # noqa: PLC0415 - `run` never needs it and starts faster

    before = datetime.combine(day, time()) - _SECOND
    try:
        found: datetime = croniter(f"0 0 {dates}", before, day_or=either_day).get_next(datetime)
    except CroniterBadDateError:
        return None
    return found.date()
