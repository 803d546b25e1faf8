"""The builder of schedules: a form for each common kind, which is chosen only if it writes back the same expression."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from tock.core.errors import InvalidArgument
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule, Schedule
from tock.web.console.pages.triggers.trigger_form.control import Control, Texts, text
from tock.web.console.pages.triggers.trigger_form.controls import SCHEDULE

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


#: The forms, with the words that choose them.
BUILDERS = (
    (Builder.MINUTES, "Every few minutes"),
    (Builder.HOURLY, "Hourly"),
    (Builder.DAILY, "Daily"),
    (Builder.WEEKLY, "Weekly"),
    (Builder.MONTHLY, "Monthly"),
    (Builder.CRON, "Custom cron"),
    (Builder.INTERVAL, "Interval"),
    (Builder.ONCE, "Once"),
)
#: Which controls each form has.
PARTS: Mapping[Builder, tuple[str, ...]] = {
    Builder.MINUTES: (MINUTES, "schedule.time_zone"),
    Builder.HOURLY: (MINUTE, "schedule.time_zone"),
    Builder.DAILY: (TIME, "schedule.time_zone"),
    Builder.WEEKLY: (DAYS, TIME, "schedule.time_zone"),
    Builder.MONTHLY: (DAY, TIME, "schedule.time_zone"),
    Builder.CRON: ("schedule.cron", "schedule.time_zone"),
    Builder.INTERVAL: ("schedule.every", "schedule.anchor"),
    Builder.ONCE: ("schedule.at",),
}
#: What the forms hold that the schedule says nothing about.
_UNSET: Texts = {
    MINUTES: ("15",),
    MINUTE: ("0",),
    TIME: ("09:00",),
    DAYS: ("1", "2", "3", "4", "5"),
    DAY: ("1",),
    "schedule.every": ("1h",),
    "schedule.anchor": ("",),
    "schedule.at": ("",),
    "schedule.cron": ("0 9 * * 1-5",),
}


@dataclass(frozen=True, slots=True)
class Preset:
    """A common schedule, and what the builder holds for it."""

    name: str
    words: str
    texts: Texts


PRESETS = (
    Preset("quarters", "Every 15 minutes", {KIND: (Builder.MINUTES,), MINUTES: ("15",)}),
    Preset("hours", "Every hour", {KIND: (Builder.HOURLY,), MINUTE: ("0",)}),
    Preset("days", "Every day at 9", {KIND: (Builder.DAILY,), TIME: ("09:00",)}),
    Preset(
        "weekdays",
        "Every weekday at 9",
        {KIND: (Builder.WEEKLY,), DAYS: ("1", "2", "3", "4", "5"), TIME: ("09:00",)},
    ),
    Preset("mondays", "Every Monday at 9", {KIND: (Builder.WEEKLY,), DAYS: ("1",), TIME: ("09:00",)}),
    Preset("months", "On the first of each month", {KIND: (Builder.MONTHLY,), DAY: ("1",), TIME: ("09:00",)}),
)


def schedule_texts(schedule: Schedule, *, zone: ZoneInfo) -> Texts:
    """Return what the builder holds for a schedule."""
    held: dict[str, tuple[str, ...]] = {**_UNSET, "schedule.time_zone": (str(zone),)}
    match schedule:
        case CronSchedule():
            builder, parts = builder_of(schedule.cron)
            held |= {**parts, "schedule.cron": (schedule.cron,), "schedule.time_zone": (schedule.time_zone,)}
        case IntervalSchedule():
            builder = Builder.INTERVAL
            held |= {
                **_shown("schedule.every", schedule.every, zone),
                **_shown("schedule.anchor", schedule.anchor, zone),
            }
        case OnceSchedule():
            builder = Builder.ONCE
            held |= _shown("schedule.at", schedule.at, zone)
    return {**held, KIND: (builder.value,)}


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


def schedule_of(typed: Texts, *, shown: Texts, before: Schedule, zone: ZoneInfo) -> Any:
    """Return the schedule that was typed, as its model takes it: `before` if nobody touched it.

    Raises InvalidArgument, which names the control.
    """
    chosen = text(typed, KIND, text(shown, KIND))
    if chosen not in set(Builder):
        raise InvalidArgument(field=KIND, value=chosen, remedy="choose one of the kinds of schedules")
    builder = Builder(chosen)
    same = {name for name in PARTS[builder] if _is_same(name, shown, typed)}
    if chosen == text(shown, KIND) and len(same) == len(PARTS[builder]):
        return before
    match builder:
        case Builder.INTERVAL:
            kept = before if isinstance(before, IntervalSchedule) else None
            every = kept.every if kept and "schedule.every" in same else _typed("schedule.every", typed, zone)
            anchor = kept.anchor if kept and "schedule.anchor" in same else _typed("schedule.anchor", typed, zone)
            return {"every": every, "anchor": anchor}
        case Builder.ONCE:
            return {"at": _required("schedule.at", typed, zone)}
        case _:
            return {"cron": cron_of(builder, typed), "time_zone": _required("schedule.time_zone", typed, zone).strip()}


def place_of(error: str, typed: Texts) -> str:
    """Return the control beside which an error of a field of the schedule stands."""
    chosen = text(typed, KIND)
    builder = Builder(chosen) if chosen in set(Builder) else Builder.CRON
    if error in PARTS[builder] or error == KIND:
        return error
    alone = {Builder.CRON: "schedule.cron", Builder.INTERVAL: "schedule.every", Builder.ONCE: "schedule.at"}
    return alone.get(builder, KIND)


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
    if not given.isascii() or not given.isdecimal() or not lowest <= int(given[:18]) <= highest:
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


def _is_same(name: str, shown: Texts, typed: Texts) -> bool:
    if name == DAYS:
        return set(shown.get(name, ())) == set(typed.get(name, ()))
    return SCHEDULE.get(name, Control(name, "")).is_same(shown, typed)


def _shown(name: str, value: Any, zone: ZoneInfo) -> Texts:
    return SCHEDULE[name].shown(value, zone=zone)


def _typed(name: str, typed: Texts, zone: ZoneInfo) -> Any:
    try:
        return SCHEDULE[name].value(typed, zone=zone)
    except ValueError as exc:
        raise InvalidArgument(field=name, value=text(typed, name), remedy=str(exc)) from exc


def _required(name: str, typed: Texts, zone: ZoneInfo) -> Any:
    value = _typed(name, typed, zone)
    if value is None:
        raise InvalidArgument(field=name, value="", remedy="is required: fill it in")
    return value
