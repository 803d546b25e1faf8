"""Cron schedules at clock changes: expected fire times, written with their local offset."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from tock.core.schedule.schedule import CronSchedule, fire_times

CASES = {
    "daily time in Berlin's gap fires when it ends": (
        "30 2 * * *",
        "Europe/Berlin",
        "2026-03-28T00:00:00+01:00",
        ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
    ),
    "several times in one gap fire once": (
        "0,15,45 2,3 * * *",
        "Europe/Berlin",
        "2026-03-29T01:59:59+01:00",
        ["2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00", "2026-03-29T03:45:00+02:00"],
    ),
    "every second of a skipped minute fires once": (
        "30 2 * * * *",
        "Europe/Berlin",
        "2026-03-29T01:00:00+01:00",
        ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00", "2026-03-30T02:30:01+02:00"],
    ),
    "the end of a gap is strictly after itself": (
        "30 2 * * *",
        "Europe/Berlin",
        "2026-03-29T03:00:00+02:00",
        ["2026-03-30T02:30:00+02:00"],
    ),
    "daily time in Berlin's fold fires the first time": (
        "30 2 * * *",
        "Europe/Berlin",
        "2026-10-24T03:00:00+02:00",
        ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
    ),
    "daily time asked for in the second pass of a fold fires on the next day": (
        "30 2 * * *",
        "Europe/Berlin",
        "2026-10-25T02:10:00+01:00",
        ["2026-10-26T02:30:00+01:00"],
    ),
    "every half hour skips Berlin's gap": (
        "*/30 * * * *",
        "Europe/Berlin",
        "2026-03-29T01:00:00+01:00",
        ["2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"],
    ),
    "every half hour of one hour skips a day without that hour": (
        "*/30 2 * * *",
        "Europe/Berlin",
        "2026-03-28T02:00:00+01:00",
        ["2026-03-28T02:30:00+01:00", "2026-03-30T02:00:00+02:00", "2026-03-30T02:30:00+02:00"],
    ),
    "every minute of the first hour of a month skips a day that begins at one": (
        "* 0 1 * *",
        "Africa/Casablanca",
        "1976-04-30T00:00:00+00:00",
        ["1976-06-01T00:00:00+01:00", "1976-06-01T00:01:00+01:00"],
    ),
    "every half hour fires in both passes of a fold": (
        "*/30 * * * *",
        "Europe/Berlin",
        "2026-10-25T02:00:00+02:00",
        [
            "2026-10-25T02:30:00+02:00",
            "2026-10-25T02:00:00+01:00",
            "2026-10-25T02:30:00+01:00",
            "2026-10-25T03:00:00+01:00",
        ],
    ),
    "minute of every hour fires in both passes of a fold": (
        "15 * * * *",
        "America/New_York",
        "2026-11-01T01:00:00-04:00",
        ["2026-11-01T01:15:00-04:00", "2026-11-01T01:15:00-05:00", "2026-11-01T02:15:00-05:00"],
    ),
    "daily time in New York's gap fires when it ends": (
        "15 2 * * *",
        "America/New_York",
        "2026-03-08T00:00:00-05:00",
        ["2026-03-08T03:00:00-04:00", "2026-03-09T02:15:00-04:00"],
    ),
    "half an hour's gap in Lord Howe": (
        "10,40 2 * * *",
        "Australia/Lord_Howe",
        "2026-10-04T00:00:00+10:30",
        ["2026-10-04T02:30:00+11:00", "2026-10-04T02:40:00+11:00", "2026-10-05T02:10:00+11:00"],
    ),
    "every quarter of an hour skips Lord Howe's half hour": (
        "*/15 * * * *",
        "Australia/Lord_Howe",
        "2026-10-04T01:30:00+10:30",
        ["2026-10-04T01:45:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-04T02:45:00+11:00"],
    ),
    "every quarter of an hour fires twice in Lord Howe's half hour": (
        "*/15 1 * * *",
        "Australia/Lord_Howe",
        "2026-04-05T01:30:00+11:00",
        [
            "2026-04-05T01:45:00+11:00",
            "2026-04-05T01:30:00+10:30",
            "2026-04-05T01:45:00+10:30",
            "2026-04-06T01:00:00+10:30",
        ],
    ),
    "daily time fires once in Lord Howe's fold": (
        "45 1 * * *",
        "Australia/Lord_Howe",
        "2026-04-05T00:00:00+11:00",
        ["2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"],
    ),
    "daily time on Apia's lost day fires when it is over": (
        "0 9 * * *",
        "Pacific/Apia",
        "2011-12-29T00:00:00-10:00",
        ["2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"],
    ),
    "every hour knows nothing of Apia's lost day": (
        "0 * * * *",
        "Pacific/Apia",
        "2011-12-29T22:30:00-10:00",
        ["2011-12-29T23:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T01:00:00+14:00"],
    ),
    "midnight missing in Sao Paulo fires at one o'clock": (
        "0 0 * * *",
        "America/Sao_Paulo",
        "2018-11-03T00:00:00-03:00",
        ["2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"],
    ),
    "every minute of the first hour skips Sao Paulo's missing one": (
        "* 0 * * *",
        "America/Sao_Paulo",
        "2018-11-03T00:58:00-03:00",
        ["2018-11-03T00:59:00-03:00", "2018-11-05T00:00:00-02:00"],
    ),
    "daily time in Sao Paulo's fold before midnight fires the first time": (
        "30 23 * * *",
        "America/Sao_Paulo",
        "2018-02-17T12:00:00-02:00",
        ["2018-02-17T23:30:00-02:00", "2018-02-18T23:30:00-03:00"],
    ),
    "start of a summer time of one week": (
        "*/30 * * * *",
        "America/Boa_Vista",
        "2000-10-07T23:00:00-04:00",
        ["2000-10-07T23:30:00-04:00", "2000-10-08T01:00:00-03:00"],
    ),
    "end of a summer time of one week": (
        "*/30 23 * * *",
        "America/Boa_Vista",
        "2000-10-14T23:00:00-03:00",
        ["2000-10-14T23:30:00-03:00", "2000-10-14T23:00:00-04:00", "2000-10-14T23:30:00-04:00"],
    ),
    "a step over several changes keeps the local time": (
        "*/30 12 29 2 *",
        "America/New_York",
        "2024-02-29T12:30:00-05:00",
        ["2028-02-29T12:00:00-05:00", "2028-02-29T12:30:00-05:00"],
    ),
}


@pytest.mark.parametrize(("cron", "time_zone", "after", "expected"), CASES.values(), ids=CASES)
def test_fire_times_where_clocks_change(cron: str, time_zone: str, after: str, expected: list[str]) -> None:
    schedule = CronSchedule(cron=cron, time_zone=time_zone)

    actual = list(islice(fire_times(schedule, after=datetime.fromisoformat(after)), len(expected)))

    assert actual == [datetime.fromisoformat(text) for text in expected]
    assert all(instant.tzinfo is UTC for instant in actual)
