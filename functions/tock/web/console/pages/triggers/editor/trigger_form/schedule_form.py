"""The builder of schedules: which form shows a schedule, what that holds, and the schedule that it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from tock.core.errors import InvalidArgument
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule, Schedule
from tock.web.console.pages.triggers.editor.trigger_form.control import Control, Texts, text
from tock.web.console.pages.triggers.editor.trigger_form.controls import SCHEDULE
from tock.web.console.pages.triggers.editor.trigger_form.cron_forms import (
    DAY,
    DAYS,
    KIND,
    MINUTE,
    MINUTES,
    TIME,
    Builder,
    builder_of,
    cron_of,
)

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
