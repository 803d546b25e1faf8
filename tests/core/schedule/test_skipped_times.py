"""The local times that a clock change skips, beside a look at every gap."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedule.cron.cron_cases import COMING_CRONS, ODD_ZONES, WHOLE_HOUR_ZONES, cases
from tock.core.schedule.clock_changes import clock_changes
from tock.core.schedule.cron.fields import cron_fields
from tock.core.schedule.cron.local_times import local_times
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule, Schedule
from tock.core.schedule.skipped_times import SkippedTimes, skipped_times

MARCH, APRIL = datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)
END_OF_GAP = datetime(2027, 3, 28, 1, tzinfo=UTC)


def skipped(schedule: Schedule, *, after: datetime, until: datetime) -> list[tuple[str, str, int, datetime | None]]:
    return [
        (f"{each.first:%d %H:%M}", f"{each.last:%d %H:%M}", each.count, each.fires_at)
        for each in skipped_times(schedule, after=after, until=until)
    ]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("*/30 2 * * *", [("28 02:00", "28 02:30", 2, None)]),
        ("*/15 2 * * *", [("28 02:00", "28 02:45", 4, None)]),
        ("0,15,30,45 2 * * *", [("28 02:00", "28 02:45", 4, END_OF_GAP)]),
        ("30 2 * * *", [("28 02:30", "28 02:30", 1, END_OF_GAP)]),
        ("30 * * * *", [("28 02:30", "28 02:30", 1, None)]),
        ("0 3 * * *", []),
        ("59 1 * * *", []),
        ("30 2 * * 1", []),
    ],
)
def test_what_the_gap_of_berlin_skips(cron: str, expected: list[object]) -> None:
    schedule = CronSchedule(cron=cron, time_zone="Europe/Berlin")

    assert skipped(schedule, after=MARCH, until=APRIL) == expected


def test_the_end_of_the_gap_decides_whether_it_counts() -> None:
    schedule = CronSchedule(cron="30 2 * * *", time_zone="Europe/Berlin")
    second = timedelta(seconds=1)

    assert len(skipped(schedule, after=END_OF_GAP - second, until=END_OF_GAP)) == 1
    assert skipped(schedule, after=MARCH, until=END_OF_GAP - second) == []
    assert skipped(schedule, after=END_OF_GAP, until=APRIL) == []


@pytest.mark.parametrize(
    "schedule",
    [
        CronSchedule(cron="30 2 * * *"),
        CronSchedule(cron="30 2 * * *", time_zone="Asia/Tokyo"),
        IntervalSchedule(every=timedelta(minutes=1)),
        OnceSchedule(at=END_OF_GAP),
    ],
    ids=str,
)
def test_without_a_gap_nothing_is_skipped(schedule: Schedule) -> None:
    assert skipped(schedule, after=MARCH, until=APRIL) == []


def test_a_whole_day_may_be_skipped() -> None:
    schedule = CronSchedule(cron="0 */6 * * *", time_zone="Pacific/Apia")
    after = datetime(2011, 12, 29, tzinfo=UTC)

    assert skipped(schedule, after=after, until=after + timedelta(days=4)) == [("30 00:00", "30 18:00", 4, None)]


@given(cases(COMING_CRONS, WHOLE_HOUR_ZONES + ODD_ZONES), st.timedeltas(timedelta(), timedelta(days=20)))
@settings(max_examples=150, deadline=None)
def test_every_named_time_within_a_gap_is_skipped_and_no_other(
    case: tuple[str, str, datetime], length: timedelta
) -> None:
    cron, zone, after = case
    until = after + length
    fields = cron_fields(cron)
    expected = []

    for change in clock_changes(ZoneInfo(zone), after=after, until=until):
        stopped, resumed = ((change.at + offset).replace(tzinfo=None) for offset in (change.before, change.after))
        named = []
        for local in local_times(fields, after=stopped - timedelta(seconds=1)):
            if local >= resumed:
                break
            named.append(local)
        if named:
            fires_at = change.at if fields.fixed_time else None
            expected.append(SkippedTimes(change, named[0], named[-1], len(named), fires_at))

    found = skipped_times(CronSchedule(cron=cron, time_zone=zone), after=after, until=until)

    assert list(found) == expected
