"""Schedules of all kinds: their JSON, and the fire times of intervals and of `at`."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from pydantic import TypeAdapter, ValidationError

from tock.core.schedule.schedule import (
    CronSchedule,
    IntervalSchedule,
    OnceSchedule,
    Schedule,
    fire_times,
    next_fire_time,
    shortest_gap,
    time_zone_of,
)

SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)

WIRE = {
    "cron": (
        {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"},
        CronSchedule(cron="0 9 * * 1-5", time_zone="Europe/Berlin"),
        {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"},
    ),
    "cron without a zone is in UTC": (
        {"cron": "@daily"},
        CronSchedule(cron="@daily", time_zone="UTC"),
        {"cron": "@daily", "time_zone": "UTC"},
    ),
    "interval": (
        {"every": "90m", "anchor": "2026-01-01T01:00:00+01:00"},
        IntervalSchedule(every=timedelta(minutes=90), anchor=datetime(2026, 1, 1, tzinfo=UTC)),
        {"every": "PT1H30M", "anchor": "2026-01-01T00:00:00Z"},
    ),
    "interval without an anchor counts from 1970": (
        {"every": "PT10S"},
        IntervalSchedule(every=timedelta(seconds=10), anchor=datetime(1970, 1, 1, tzinfo=UTC)),
        {"every": "PT10S", "anchor": "1970-01-01T00:00:00Z"},
    ),
    "once": (
        {"at": "2027-01-01T09:00:00+01:00"},
        OnceSchedule(at=datetime(2027, 1, 1, 8, tzinfo=UTC)),
        {"at": "2027-01-01T08:00:00Z"},
    ),
}


@pytest.mark.parametrize(("given", "expected", "sent"), WIRE.values(), ids=WIRE)
def test_wire_form(given: dict[str, str], expected: Schedule, sent: dict[str, str]) -> None:
    schedule = SCHEDULE.validate_python(given)

    assert schedule == expected
    assert SCHEDULE.dump_python(schedule, mode="json") == sent
    assert SCHEDULE.validate_python(sent) == schedule
    assert SCHEDULE.validate_python(schedule) is schedule


REFUSED = {
    "no kind": ({}, (), "a schedule has exactly one of 'cron', 'every' and 'at'"),
    "two kinds": ({"cron": "* * * * *", "every": "10s"}, (), "exactly one of 'cron', 'every' and 'at'"),
    "no object": ("* * * * *", (), "exactly one of 'cron', 'every' and 'at'"),
    "field of another kind": ({"every": "10s", "time_zone": "UTC"}, ("every", "time_zone"), "not permitted"),
    "interval of zero": ({"every": "PT0S"}, ("every", "every"), "from 1 second to 366 days"),
    "interval with a fraction": ({"every": "PT1.5S"}, ("every", "every"), "whole seconds"),
    "interval over a year": ({"every": "367d"}, ("every", "every"), "from 1 second to 366 days"),
    "interval without a unit": ({"every": 10}, ("every", "every"), "10 has no unit"),
    "anchor without an offset": (
        {"every": "10s", "anchor": "2026-01-01T00:00:00"},
        ("every", "anchor"),
        "needs an offset",
    ),
    "once without an offset": ({"at": "2027-01-01T09:00:00"}, ("at", "at"), "needs an offset"),
}


@pytest.mark.parametrize(("given", "place", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_schedule_says_why(given: object, place: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SCHEDULE.validate_python(given)

    [error] = caught.value.errors()
    assert error["loc"] == place
    assert message in error["msg"]


def test_interval_fires_at_multiples_from_its_anchor() -> None:
    schedule = IntervalSchedule(every=timedelta(hours=5), anchor=NOON)

    actual = list(islice(fire_times(schedule, after=NOON + timedelta(seconds=1)), 3))

    assert actual == [NOON + timedelta(hours=hours) for hours in (5, 10, 15)]


def test_interval_fires_strictly_after() -> None:
    schedule = IntervalSchedule(every=timedelta(hours=5), anchor=NOON)

    assert next_fire_time(schedule, after=NOON) == NOON + timedelta(hours=5)
    assert next_fire_time(schedule, after=NOON - timedelta(microseconds=1)) == NOON


def test_interval_fires_before_its_anchor_too() -> None:
    schedule = IntervalSchedule(every=timedelta(hours=5), anchor=NOON)

    assert next_fire_time(schedule, after=NOON - timedelta(hours=11)) == NOON - timedelta(hours=10)


def test_once_fires_once() -> None:
    schedule = OnceSchedule(at=NOON)

    assert list(fire_times(schedule, after=NOON - timedelta(microseconds=1))) == [NOON]
    assert next_fire_time(schedule, after=NOON) is None


def test_fire_times_end_with_the_calendar() -> None:
    late = datetime(8998, 6, 1, tzinfo=UTC)

    assert list(fire_times(CronSchedule(cron="@yearly", time_zone="Asia/Tokyo"), after=late)) == [
        datetime(8998, 12, 31, 15, tzinfo=UTC),
        datetime(8999, 12, 31, 15, tzinfo=UTC),
    ]
    assert next_fire_time(CronSchedule(cron="* * * * *"), after=datetime.max.replace(tzinfo=UTC)) is None
    assert next_fire_time(IntervalSchedule(every=timedelta(1)), after=datetime.max.replace(tzinfo=UTC)) is None


@pytest.mark.parametrize("given", [{"cron": "* * * * *"}, {"every": "1h"}, {"at": "2027-01-01T09:00:00Z"}])
def test_after_needs_an_offset(given: dict[str, str]) -> None:
    schedule = SCHEDULE.validate_python(given)

    with pytest.raises(ValueError, match="after needs an offset"):
        next_fire_time(schedule, after=NOON.replace(tzinfo=None))


def test_gap_and_zone_of_schedules_without_a_clock() -> None:
    interval, once = IntervalSchedule(every=timedelta(minutes=5)), OnceSchedule(at=NOON)

    assert (shortest_gap(interval), shortest_gap(once)) == (timedelta(minutes=5), None)
    assert (time_zone_of(interval), time_zone_of(once)) == ("UTC", "UTC")
    assert time_zone_of(CronSchedule(cron="@daily", time_zone="Asia/Tokyo")) == "Asia/Tokyo"
