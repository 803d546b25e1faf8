"""The newest fire time and the number of fire times of an interval are those that a walk over all of them finds."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.schedule.cron.cron_cases import COMING_CRONS, DAILY, DAILY_SECONDS, ODD_ZONES, WHOLE_HOUR_ZONES, cases
from tock.core.schedule.past_fire_times import count_fire_times, newest_fire_time
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule, Schedule, fire_times

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
CRON_CASES = cases(DAILY | DAILY_SECONDS | COMING_CRONS, WHOLE_HOUR_ZONES + ODD_ZONES)
LENGTHS = st.timedeltas(timedelta(), timedelta(hours=60))


def agrees_with_a_walk(schedule: Schedule, *, after: datetime, until: datetime) -> None:
    walked = list(takewhile(lambda fire_time: fire_time <= until, fire_times(schedule, after=after)))

    assert count_fire_times(schedule, after=after, until=until) == len(walked)
    assert newest_fire_time(schedule, after=after, until=until) == (walked[-1] if walked else None)


def cron_agrees_with_a_walk(case: tuple[str, str, datetime], length: timedelta) -> None:
    cron, zone, after = case
    try:
        schedule = CronSchedule(cron=cron, time_zone=zone)
    except ValueError:
        return
    agrees_with_a_walk(schedule, after=after, until=after + length)


@given(CRON_CASES, LENGTHS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cron(case: tuple[str, str, datetime], length: timedelta) -> None:
    cron_agrees_with_a_walk(case, length)


@pytest.mark.slow
@given(CRON_CASES, LENGTHS)
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cron_in_many_cases(case: tuple[str, str, datetime], length: timedelta) -> None:
    cron_agrees_with_a_walk(case, length)


@given(
    st.timedeltas(timedelta(seconds=1), timedelta(days=366)), LENGTHS, st.timedeltas(-timedelta(365), timedelta(365))
)
@settings(deadline=None)
def test_intervals(interval: timedelta, length: timedelta, distance: timedelta) -> None:
    schedule = IntervalSchedule(every=interval - timedelta(microseconds=interval.microseconds), anchor=NOON)
    after = NOON + distance

    agrees_with_a_walk(schedule, after=after, until=after + min(length, 1000 * schedule.every))


@pytest.mark.parametrize("after", [-2, -1, 0, 1])
@pytest.mark.parametrize("until", [-1, 0, 1, 2])
def test_once(after: int, until: int) -> None:
    moments = (NOON + timedelta(seconds=number) for number in (after, until))

    agrees_with_a_walk(OnceSchedule(at=NOON), **dict(zip(("after", "until"), moments, strict=True)))


LONG = {
    "each second of a year": ("* * * * * *", "UTC", 365 * 86_400),
    "each second of a year with summer time": ("* * * * * *", "Europe/Berlin", 365 * 86_400),
    "each day of a year": ("30 2 * * *", "America/New_York", 365),
    "each half hour of one hour, less one day with a gap, more one with a fold": (
        "*/30 2 * * *",
        "Europe/Berlin",
        2 * 365 - 2 + 2,
    ),
}


@pytest.mark.parametrize(("cron", "zone", "expected"), LONG.values(), ids=LONG)
def test_a_year_is_counted(cron: str, zone: str, expected: int) -> None:
    schedule = CronSchedule(cron=cron, time_zone=zone)

    assert count_fire_times(schedule, after=NOON, until=NOON + timedelta(days=365)) == expected


def test_both_ends_need_an_offset() -> None:
    schedule = CronSchedule(cron="* * * * *")

    with pytest.raises(ValueError, match="need an offset"):
        count_fire_times(schedule, after=NOON.replace(tzinfo=None), until=NOON)
    with pytest.raises(ValueError, match="need an offset"):
        newest_fire_time(schedule, after=NOON, until=NOON.replace(tzinfo=None))
