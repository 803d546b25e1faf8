"""A calendar event of systemd (systemd.time(7), "Calendar events") as a schedule of Tock."""

import re
from typing import Any

from tock.core.schedule.time_zones import is_time_zone

_WORDS = {
    "minutely": "*-*-* *:*:00",
    "hourly": "*-*-* *:00:00",
    "daily": "*-*-* 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "weekly": "Mon *-*-* 00:00:00",
    "yearly": "*-01-01 00:00:00",
    "annually": "*-01-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    "semiannually": "*-01,07-01 00:00:00",
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = re.compile(r"(?i)(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*")
_PART = re.compile(r"(?P<first>\d+)(?:\.\.(?P<last>\d+))?(?:/(?P<step>\d+))?")
#: The most and the least of each field.
_BOUNDS = {"month": (1, 12), "day": (1, 31), "hour": (0, 23), "minute": (0, 59), "second": (0, 59)}


class NotACronError(Exception):
    """A calendar event has no schedule that fires at the same times; the text says why."""


def schedule_of(event: str, *, time_zone: str) -> dict[str, Any]:
    """Return the schedule of a calendar event, in its own time zone if it names one. Raises NotACronError."""
    words = event.split()
    if len(words) > 1 and not _DAY.match(words[-1]) and is_time_zone(words[-1]):
        time_zone = words.pop()
    words = _WORDS.get(" ".join(words).lower(), " ".join(words)).split()
    days = words.pop(0).rstrip(",") if words and _DAY.match(words[0]) else "*"
    date, clock = _date_and_clock(words)
    year, month, day = date
    if year != "*":
        raise NotACronError("names a year: write schedule: {at: …} for a single time")
    if "~" in event:
        raise NotACronError("'~' counts days from the end of the month, which a cron expression cannot")
    weekday = _weekdays(days)
    if weekday != "*" and day != "*":
        raise NotACronError(
            "systemd needs both the day of the month and the day of the week to match; a cron expression fires if one "
            "does"
        )
    hour, minute, second = (_field(text, name) for text, name in zip(clock, ("hour", "minute", "second"), strict=True))
    cron = f"{minute} {hour} {_field(day, 'day')} {_field(month, 'month')} {weekday}"
    return {"cron": cron if second == "0" else f"{cron} {second}", "time_zone": time_zone}


def _date_and_clock(words: list[str]) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    date: list[str] = ["*", "*", "*"]
    clock: list[str] = ["0", "0", "0"]
    for word in words:
        if ":" in word:
            clock = [*word.split(":"), "0"][:3]
        elif "-" in word or "~" in word:
            parts = re.split("[-~]", word)
            date = ["*", *parts] if len(parts) == len(("month", "day")) else parts
        else:
            raise NotACronError(f"has the part {word!r}, which is not known")
    if len(date) != len(_BOUNDS) - 2 or len(clock) != len(_BOUNDS) - 2:
        raise NotACronError("is no date and time as in '*-*-* 09:00:00'")
    return (date[0], date[1], date[2]), (clock[0], clock[1], clock[2])


def _weekdays(text: str) -> str:
    """Return the days of the week as a cron expression has them: `Mon..Fri` is `1-5`."""
    if text == "*":
        return text
    found: list[str] = []
    for part in text.split(","):
        ends = [_DAYS.index(day[:3].lower()) + 1 for day in part.split("..") if _DAY.fullmatch(day)]
        if not ends or len(ends) != len(part.split("..")):
            raise NotACronError(f"has the day of the week {part!r}, which is not known")
        found.append("-".join(map(str, ends)))
    return ",".join(found)


def _field(text: str, name: str) -> str:
    low, high = _BOUNDS[name]
    if text == "*":
        return text
    found: list[str] = []
    for part in text.split(","):
        match = _PART.fullmatch(f"{low}/{part.removeprefix('*/')}" if part.startswith("*/") else part)
        if match is None:
            raise NotACronError(f"has the {name} {part!r}, which a cron expression cannot have")
        first, step = int(match["first"]), match["step"]
        if step is None:
            found.append(str(first) if match["last"] is None else f"{first}-{int(match['last'])}")
        elif first == low and match["last"] is None:
            # As cron writes it: by the wall clock as it goes, at clock changes too.
            found.append(f"*/{int(step)}")
        else:
            found.append(f"{first}-{int(match['last'] or high)}/{int(step)}")
    return ",".join(found)
