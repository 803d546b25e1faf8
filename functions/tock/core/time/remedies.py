"""What to write instead of a text that is no duration or no point in time."""

import re
from datetime import UTC, datetime, timedelta

#: The longest text of a duration, and the most characters of one that a message repeats.
LONGEST_TEXT = 64
_WEEKS = re.compile(r"(?P<amount>\d{1,6})\s*w(?:eeks?)?", re.ASCII | re.IGNORECASE)
_MONTHS_OR_YEARS = re.compile(r"P[\dYMWD]*\d[YM].*|\d+\s*(?:mo|months?|y|years?)", re.ASCII | re.IGNORECASE)
_FRACTION = re.compile(r"P?[\dDT]*\d[.,]\d+[WDHMS].*", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_PARTS = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[Tt ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
    r"(?P<offset>[Zz]|[+-](?P<offset_hour>\d\d):(?P<offset_minute>\d\d))?",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SHORT_OFFSET = re.compile(r"(?P<time>.*\d\d:\d\d(?:\.\d+)?[+-]\d\d)(?P<minute>\d\d)?", re.ASCII)
_ZONE = re.compile(r"\d\S*\d\s*\[?(?:[A-Z]{3,4}|[A-Za-z]+(?:/[A-Za-z_+-]+)+)\]?", re.ASCII)
_HOURS, _MINUTES, _LEAP_SECOND = 24, 60, 60


def instead_of_duration(text: str) -> str:
    """Return what is wrong with a text that is in no form of a duration, and what to write."""
    if (weeks := _WEEKS.fullmatch(text)) is not None:
        amount = int(weeks["amount"])
        return f"{text!r} is not a duration: the short form has no weeks; write '{7 * amount}d' or 'P{amount}W'"
    if _MONTHS_OR_YEARS.fullmatch(text) is not None:
        return (
            f"{text!r} is not a duration: months and years have no fixed length; write days, such as 'P30D'. "
            "A schedule for a day of each month is a cron expression, such as '0 0 1 * *'"
        )
    if _FRACTION.fullmatch(text) is not None:
        return f"{text!r} is not a duration: only seconds such as 'PT1.5S' have a fraction; write '1h30m' for 1.5 hours"
    if text.startswith("-"):
        return f"{text!r} is not a duration: it cannot be negative"
    if _NUMBER.fullmatch(text) is not None:
        return f"{text!r} has no unit: write '{text}s' for seconds, or '{text}m' for minutes"
    return f"{text!r} is not a duration: write 'PT15M', or '15m', '90s', '1h30m'"


def impossible_time(text: str) -> str | None:
    """Return what is wrong with a text in the form of RFC 3339 that names no point in time, or None if it names one."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return None
    numbers = {name: int(parts[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")}
    if numbers["hour"] == _HOURS and numbers["minute"] == numbers["second"] == 0:
        numbers["hour"] = 0
        return f"{text!r} is not a time: the hour 24 does not exist{_next_day(numbers, offset=parts['offset'] or '')}"
    if numbers["second"] == _LEAP_SECOND:
        return f"{text!r} is not a time: Tock has no leap seconds; write the second 59, or the next minute"
    try:
        datetime(**numbers, tzinfo=UTC)
    except ValueError as exc:
        return f"{text!r} is not a time: {exc}; write a date and a time of day that exist"
    if int(parts["offset_hour"] or 0) >= _HOURS or int(parts["offset_minute"] or 0) >= _MINUTES:
        return f"{text!r} is not a time: an offset lies between -23:59 and +23:59; write one such as '+01:00'"
    return None


def instead_of_time(text: str) -> str:
    """Return what is wrong with a text that is not in the form of RFC 3339, and what to write."""
    if _DATE.fullmatch(text) is not None:
        return f"{text!r} is not a time: it has no time of day; write RFC 3339 text, such as '{text}T09:00:00+01:00'"
    if _ZONE.fullmatch(text) is not None:
        return f"{text!r} is not a time: it ends with a time zone; write the offset instead, such as 'Z' or '+01:00'"
    if (short := _SHORT_OFFSET.fullmatch(text)) is not None:
        return f"{text!r} is not a time: write its offset with a colon: '{short['time']}:{short['minute'] or '00'}'"
    return f"{text!r} is not a time: write RFC 3339 text, such as '2027-01-01T09:00:00+01:00'"


def _next_day(numbers: dict[str, int], *, offset: str) -> str:
    try:
        following = datetime(**numbers, tzinfo=UTC) + timedelta(days=1)
    except (OverflowError, ValueError):
        return ""
    return f"; write '{following:%Y-%m-%dT%H:%M:%S}{offset}'"
