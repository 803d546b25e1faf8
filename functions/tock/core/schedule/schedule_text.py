"""A schedule in words, with its time zone or its own anchor, and its fire times in local time."""

from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from tock.core.schedule.cron.fields import cron_fields
from tock.core.schedule.cron.text import cron_text
from tock.core.schedule.schedule import EPOCH, CronSchedule, IntervalSchedule, OnceSchedule, Schedule
from tock.core.time.instant import instant_text

_DAY = timedelta(days=1)


def schedule_text(schedule: Schedule) -> str:
    """Return the schedule in words: `at 09:00 on Monday to Friday, Europe/Berlin time`."""
    match schedule:
        case CronSchedule():
            zone = "UTC" if schedule.time_zone == "UTC" else f"{schedule.time_zone} time"
            return f"{cron_text(cron_fields(schedule.cron))}, {zone}"
        case IntervalSchedule():
            clock = "" if schedule.every % _DAY else f" at {schedule.anchor:%H:%M:%S} UTC"
            # Nobody chose the default anchor, and 1970 says nothing about the schedule.
            anchor = "" if schedule.anchor == EPOCH else f", counted from {instant_text(schedule.anchor)}"
            return f"every {_length(schedule.every)}{clock}{anchor}"
        case OnceSchedule():
            return f"once, at {instant_text(schedule.at)}"
        case _:
            assert_never(schedule)


def local_time_text(instant: datetime, *, time_zone: str) -> str:
    """Return an instant as RFC 3339 text in a time zone, with its offset from UTC: `2027-01-04T09:00:00+01:00`."""
    return instant.astimezone(ZoneInfo(time_zone)).isoformat()


def _length(value: timedelta) -> str:
    """Return whole seconds in words: `1 hour 30 minutes`, but `day` for one of a unit."""
    hours, seconds = divmod(value.seconds, 3600)
    parts = ((value.days, "day"), (hours, "hour"), (seconds // 60, "minute"), (seconds % 60, "second"))
    words = [f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s" for amount, unit in parts if amount]
    return words[0].removeprefix("1 ") if len(words) == 1 else " ".join(words)
