"""Cron schedules against three oracles (cronsim, croniter, a scan of every second) and their own properties."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, product, takewhile
from zoneinfo import ZoneInfo

import pytest
from croniter import CroniterBadDateError, croniter
from cronsim import CronSim, CronSimError
from hypothesis import HealthCheck, given, settings

from core.schedule.cron.cron_cases import (
    CRONS,
    DAILY,
    DAILY_SECONDS,
    DATES,
    ODD_ZONES,
    WHOLE_HOUR_ZONES,
    cases,
    instants,
)
from tock.core.schedule.cron.fields import cron_fields
from tock.core.schedule.schedule import CronSchedule, fire_times, next_fire_time, shortest_gap


def is_fixed_time(cron: str) -> bool:
    minute, hour, *_ = cron.split()
    return not minute.startswith("*") and not hour.startswith("*")


def first_fire_times(cron: str, zone: str, after: datetime, count: int = 5) -> list[datetime]:
    return list(islice(fire_times(CronSchedule(cron=cron, time_zone=zone), after=after), count))


def agrees_with_cronsim(case: tuple[str, str, datetime]) -> None:
    cron, zone, after = case
    if not is_fixed_time(cron) and zone in ODD_ZONES:
        # cronsim follows elapsed time by whole hours and from a midnight that may not exist; the scan covers these.
        zone = "Europe/Berlin"
    try:
        simulation = CronSim(cron, after.astimezone(ZoneInfo(zone)))
    except CronSimError:
        with pytest.raises(ValueError, match="no fire time"):
            CronSchedule(cron=cron, time_zone=zone)
        return

    actual = first_fire_times(cron, zone, after)

    # cronsim forgets that `after` is in the second pass of a fold, and then begins with times of the first.
    expected = (instant for found in simulation if (instant := found.astimezone(UTC)) > after)
    assert actual == list(islice(expected, len(actual)))
    assert len(actual) == 5


@given(cases(CRONS, WHOLE_HOUR_ZONES + ODD_ZONES))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_fire_times_are_those_of_cronsim(case: tuple[str, str, datetime]) -> None:
    agrees_with_cronsim(case)


@pytest.mark.slow
@given(cases(CRONS, WHOLE_HOUR_ZONES + ODD_ZONES))
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_fire_times_are_those_of_cronsim_in_many_cases(case: tuple[str, str, datetime]) -> None:
    agrees_with_cronsim(case)


def agrees_with_croniter(dates: str, after: datetime) -> None:
    # croniter has another rule for the star of a day field, so each case says which of the two rules it means.
    days, _, weekdays = dates.split()
    either = not days.startswith("*") and not weekdays.startswith("*")
    try:
        schedule = CronSchedule(cron=f"0 0 {dates}")
    except ValueError:
        with pytest.raises(CroniterBadDateError):
            croniter(f"0 0 {dates}", after, day_or=either).get_next(datetime)
        return
    fields = cron_fields(schedule.cron)
    plain = (",".join(map(str, values)) for values in (fields.days, fields.months, fields.weekdays))
    oracle = croniter(f"0 0 {' '.join(plain)}", after, day_or=either)

    actual = list(islice(fire_times(schedule, after=after), 3))

    assert actual == [oracle.get_next(datetime) for _ in actual]


@given(DATES, instants("UTC"))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_dates_are_those_of_croniter(dates: str, after: datetime) -> None:
    agrees_with_croniter(dates, after)


@pytest.mark.slow
@given(DATES, instants("UTC"))
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_dates_are_those_of_croniter_in_many_cases(dates: str, after: datetime) -> None:
    agrees_with_croniter(dates, after)


def scan(cron: str, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield fire times by their definition, asked of each minute (of each second, if there is such a field)."""
    *parts, last = cron.split()
    seconds_first = f"{last} {' '.join(parts)}" if len(parts) == 5 else f"0 {cron}"
    oracle = CronSim(seconds_first, datetime(2000, 1, 1))  # noqa: DTZ001 - only its sets are used
    unit = timedelta(seconds=1) if len(parts) == 5 else timedelta(minutes=1)

    def named(local: datetime) -> bool:
        clock = local.second in oracle.seconds and local.minute in oracle.minutes and local.hour in oracle.hours
        return clock and local.month in oracle.months and oracle.match_day(local.date())

    def skipped(instant: datetime) -> Iterator[datetime]:
        local = (instant - unit).astimezone(zone).replace(tzinfo=None) + unit
        while local < instant.astimezone(zone).replace(tzinfo=None):
            yield local
            local += unit

    instant = after.replace(second=0, microsecond=0)
    while instant <= until:
        local = instant.astimezone(zone)
        fires = named(local)
        if is_fixed_time(cron):
            fires = (fires and not local.fold) or any(map(named, skipped(instant)))
        if fires and instant > after:
            yield instant
        instant += unit


def agrees_with_scan(case: tuple[str, str, datetime], length: timedelta) -> None:
    cron, zone, after = case
    until = after + length

    schedule = CronSchedule(cron=cron, time_zone=zone)
    actual = list(takewhile(lambda instant: instant <= until, fire_times(schedule, after=after)))

    assert actual == list(scan(cron, ZoneInfo(zone), after, until))


@given(cases(DAILY, WHOLE_HOUR_ZONES + ODD_ZONES))
@settings(max_examples=100, deadline=None)
def test_fire_times_are_those_of_a_scan_of_every_minute(case: tuple[str, str, datetime]) -> None:
    agrees_with_scan(case, timedelta(hours=26))


@given(cases(DAILY_SECONDS, WHOLE_HOUR_ZONES + ODD_ZONES))
@settings(max_examples=50, deadline=None)
def test_fire_times_are_those_of_a_scan_of_every_second(case: tuple[str, str, datetime]) -> None:
    agrees_with_scan(case, timedelta(hours=2))


@given(cases(DAILY | DAILY_SECONDS, WHOLE_HOUR_ZONES + ODD_ZONES))
@settings(max_examples=200, deadline=None)
def test_fire_times_ascend_and_resume_from_any_of_them(case: tuple[str, str, datetime]) -> None:
    cron, zone, after = case
    schedule = CronSchedule(cron=cron, time_zone=zone)

    times = first_fire_times(cron, zone, after, 8)

    assert all(earlier < later for earlier, later in zip([after, *times], times, strict=False))
    assert next_fire_time(schedule, after=after) == times[0]
    for index, instant in enumerate(times[:-1], start=1):
        assert first_fire_times(cron, zone, instant, len(times) - index) == times[index:]


@given(DAILY | DAILY_SECONDS)
@settings(max_examples=100, deadline=None)
def test_shortest_gap_is_the_smallest_distance_within_a_day_and_to_the_next(cron: str) -> None:
    minute, hour, _, _, _, *second = cron.split()
    oracle = CronSim(" ".join([*(second or ["0"]), minute, hour, "* * *"]), datetime(2000, 1, 1))  # noqa: DTZ001 - as above
    clocks = product(sorted(oracle.hours), sorted(oracle.minutes), sorted(oracle.seconds))
    day = [timedelta(hours=hour, minutes=minute, seconds=second) for hour, minute, second in clocks]

    gap = shortest_gap(CronSchedule(cron=cron))

    assert gap == min(later - earlier for earlier, later in pairwise([*day, day[0] + timedelta(days=1)]))
