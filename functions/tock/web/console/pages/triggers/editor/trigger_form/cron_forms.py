"""The forms of the builder that write a cron expression; one opens an expression only if it writes back the same."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from tock.core.errors import InvalidArgument
from tock.web.console.pages.triggers.editor.trigger_form.control import Texts, text

#: The names of the builder's controls; those of the resource's own fields are in `SCHEDULE`.
KIND, MINUTES, MINUTE, TIME, DAYS, DAY = (
    f"schedule.{name}" for name in ("kind", "minutes", "minute", "time", "days", "day")
)
BUILDER_CONTROLS = (KIND, MINUTES, MINUTE, TIME, DAYS, DAY)
WEEKDAYS = (
    *(("1", "Monday"), ("2", "Tuesday"), ("3", "Wednesday"), ("4", "Thursday"), ("5", "Friday")),
    *(("6", "Saturday"), ("0", "Sunday")),
)
_CLOCK = re.compile(r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::00)?", re.ASCII)
#: Longer numbers are in no range of these forms, and Python reads none of thousands of digits.
_FEW_DIGITS = re.compile(r"\d{1,9}", re.ASCII)
#: So many consecutive days are written as a range; two are listed.
_RANGE = 3


class Builder(StrEnum):
    """The forms of the builder."""

    #: Every so many minutes of the hour.
    MINUTES = "minutes"
    #: At a minute of each hour.
    HOURLY = "hourly"
    #: At a time of each day.
    DAILY = "daily"
    #: At a time on some days of the week.
    WEEKLY = "weekly"
    #: At a time on a day of the month.
    MONTHLY = "monthly"
    #: Any cron expression.
    CRON = "cron"
    #: An interval of elapsed time.
    INTERVAL = "interval"
    #: One instant.
    ONCE = "once"


def builder_of(cron: str) -> tuple[Builder, Texts]:
    """Return the form in which an expression opens, and what it holds: custom cron, unless the form writes the same."""
    for builder, reading in _READINGS.items():
        parts = reading(cron)
        if parts is not None and cron_of(builder, parts) == cron:
            return builder, parts
    return Builder.CRON, {}


def cron_of(builder: Builder, held: Texts) -> str:
    """Return the expression that a form writes. Raises InvalidArgument, which names the control."""
    match builder:
        case Builder.MINUTES:
            step = _number(held, MINUTES, lowest=1, highest=59)
            return "* * * * *" if step == 1 else f"*/{step} * * * *"
        case Builder.HOURLY:
            return f"{_number(held, MINUTE, lowest=0, highest=59)} * * * *"
        case Builder.DAILY:
            return f"{_clock(held)} * * *"
        case Builder.WEEKLY:
            return f"{_clock(held)} * * {_days(held)}"
        case Builder.MONTHLY:
            return f"{_clock(held)} {_number(held, DAY, lowest=1, highest=31)} * *"
        case _:
            return text(held, "schedule.cron")


def _read(pattern: str, **parts: Callable[[re.Match[str]], tuple[str, ...]]) -> Callable[[str], Texts | None]:
    compiled = re.compile(pattern, re.ASCII)

    def reading(cron: str) -> Texts | None:
        match = compiled.fullmatch(cron)
        return None if match is None else {f"schedule.{name}": read(match) for name, read in parts.items()}

    return reading


def _clock_text(match: re.Match[str]) -> tuple[str, ...]:
    return (f"{int(match['hour']):02}:{int(match['minute']):02}",)


def _weekdays(match: re.Match[str]) -> tuple[str, ...]:
    days: list[str] = []
    for part in match["days"].split(","):
        first, _, last = part.partition("-")
        days += map(str, range(int(first), int(last or first) + 1))
    return tuple(days)


_MINUTE, _HOUR = r"(?P<minute>[0-5]?\d)", r"(?P<hour>1?\d|2[0-3])"
#: How each form reads an expression; whether it writes the same is asked afterwards.
_READINGS: Mapping[Builder, Callable[[str], Texts | None]] = {
    Builder.MINUTES: _read(
        r"\*(?:/(?P<step>[1-5]?\d))? \* \* \* \*", minutes=lambda match: (str(int(match["step"] or 1) or 1),)
    ),
    Builder.HOURLY: _read(rf"{_MINUTE} \* \* \* \*", minute=lambda match: (str(int(match["minute"])),)),
    Builder.DAILY: _read(rf"{_MINUTE} {_HOUR} \* \* \*", time=_clock_text),
    Builder.WEEKLY: _read(
        rf"{_MINUTE} {_HOUR} \* \* (?P<days>[0-6](?:-[0-6])?(?:,[0-6](?:-[0-6])?)*)", time=_clock_text, days=_weekdays
    ),
    Builder.MONTHLY: _read(
        rf"{_MINUTE} {_HOUR} (?P<day>[12]?[1-9]|[123]0|31) \* \*",
        time=_clock_text,
        day=lambda match: (match["day"],),
    ),
}


def _number(held: Texts, name: str, *, lowest: int, highest: int) -> int:
    given = text(held, name).strip()
    if _FEW_DIGITS.fullmatch(given) is None or not lowest <= int(given) <= highest:
        raise InvalidArgument(field=name, value=given, remedy=f"takes a whole number from {lowest} to {highest}")
    return int(given)


def _clock(held: Texts) -> str:
    """Return the minute and the hour of the time of day."""
    given = text(held, TIME).strip()
    match = _CLOCK.fullmatch(given)
    if match is None:
        raise InvalidArgument(field=TIME, value=given, remedy="takes a time of day, such as 09:00")
    return f"{int(match['minute'])} {int(match['hour'])}"


def _days(held: Texts) -> str:
    chosen = sorted({int(day) for day in held.get(DAYS, ()) if day in dict(WEEKDAYS)})
    if not chosen:
        raise InvalidArgument(field=DAYS, value=None, remedy="choose at least one day")
    runs: list[list[int]] = []
    for day in chosen:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) >= _RANGE else ",".join(map(str, run)) for run in runs)
