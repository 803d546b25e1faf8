"""The three kinds of schedule (`cron`, `every` and `at`) and the fire times that they yield."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Annotated, assert_never

from pydantic import BaseModel, Discriminator, Field, Tag, WithJsonSchema, field_validator

from tock.core.schedule.cron.dialects import foreign_syntax
from tock.core.schedule.cron.fields import cron_fields
from tock.core.schedule.cron.shortest_gap import shortest_cron_gap
from tock.core.schedule.cron.times import cron_times
from tock.core.schedule.time_zones import instead_of_time_zone, is_time_zone
from tock.core.time.duration import Duration, duration_schema
from tock.core.time.instant import Instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHORTEST_INTERVAL = timedelta(seconds=1)
LONGEST_INTERVAL = timedelta(days=366)
#: The members of which a schedule has exactly one.
KINDS = ("cron", "every", "at")


class CronSchedule(BaseModel, frozen=True, extra="forbid"):
    """Fires at the local times that a cron expression names: five fields, or six with the second as the last."""

    cron: str = Field(json_schema_extra={"format": "cron"})
    time_zone: str = Field(default="UTC", json_schema_extra={"format": "iana-time-zone"})

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        try:
            cron_fields(value)
        except ValueError as exc:
            raise ValueError(foreign_syntax(value) or str(exc)) from exc
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_time_zone(cls, value: str) -> str:
        if not is_time_zone(value):
            raise ValueError(f"time_zone {instead_of_time_zone(value)}")
        return value


class IntervalSchedule(BaseModel, frozen=True, extra="forbid"):
    """Fires at every whole number of intervals before and after an anchor."""

    every: Annotated[Duration, WithJsonSchema(duration_schema(minimum=SHORTEST_INTERVAL, maximum=LONGEST_INTERVAL))]
    anchor: Instant = EPOCH

    @field_validator("every")
    @classmethod
    def _is_interval(cls, value: timedelta) -> timedelta:
        if not SHORTEST_INTERVAL <= value <= LONGEST_INTERVAL or value.microseconds:
            raise ValueError("every takes whole seconds, from 1 second to 366 days, such as '15m'")
        return value


class OnceSchedule(BaseModel, frozen=True, extra="forbid"):
    """Fires at one instant."""

    at: Instant


def _kind(value: object) -> str | None:
    match value:
        case CronSchedule():
            return "cron"
        case IntervalSchedule():
            return "every"
        case OnceSchedule():
            return "at"
        case Mapping():
            kinds = [kind for kind in KINDS if kind in value]
            return kinds[0] if len(kinds) == 1 else None
        case _:
            return None


#: The rule that yields a trigger's fire times. Its kind is the one field of `cron`, `every` and `at` that is present.
Schedule = Annotated[
    Annotated[CronSchedule, Tag("cron")]
    | Annotated[IntervalSchedule, Tag("every")]
    | Annotated[OnceSchedule, Tag("at")],
    Discriminator(
        _kind,
        custom_error_type="schedule_kind",
        custom_error_message="a schedule has exactly one of 'cron', 'every' and 'at'",
    ),
]


def fire_times(schedule: Schedule, *, after: datetime) -> Iterator[datetime]:
    """Yield the schedule's fire times strictly after an instant, lazily, in UTC, oldest first.

    The iterator ends when no fire time is left: after one for `at`, near the end of the calendar for the others.

    Raises:
        ValueError: `after` has no offset.
    """
    if after.utcoffset() is None:
        raise ValueError("after needs an offset")
    match schedule:
        case CronSchedule():
            return cron_times(schedule.cron, time_zone=schedule.time_zone, after=after)
        case IntervalSchedule():
            return _interval_times(schedule, after.astimezone(UTC))
        case OnceSchedule():
            return iter((schedule.at,) if schedule.at > after else ())
        case _:
            assert_never(schedule)


def next_fire_time(schedule: Schedule, *, after: datetime) -> datetime | None:
    """Return the schedule's first fire time strictly after an instant, in UTC, or None when none is left.

    Raises:
        ValueError: `after` has no offset.
    """
    return next(fire_times(schedule, after=after), None)


def shortest_gap(schedule: Schedule) -> timedelta | None:
    """Return the shortest distance between two consecutive fire times, or None for a schedule that fires once.

    For `cron` this is the distance on the local clock; a clock change may bring two fire times closer together.
    """
    match schedule:
        case CronSchedule():
            return shortest_cron_gap(schedule.cron)
        case IntervalSchedule():
            return schedule.every
        case OnceSchedule():
            return None
        case _:
            assert_never(schedule)


def time_zone_of(schedule: Schedule) -> str:
    """Return the IANA name of the schedule's time zone; `UTC` for `every` and `at`."""
    return schedule.time_zone if isinstance(schedule, CronSchedule) else "UTC"


def _interval_times(schedule: IntervalSchedule, after: datetime) -> Iterator[datetime]:
    first = (after - schedule.anchor) // schedule.every + 1
    for number in count(first):
        try:
            instant = schedule.anchor + number * schedule.every
        except OverflowError:
            return
        yield instant
