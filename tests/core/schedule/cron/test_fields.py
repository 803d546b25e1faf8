"""Cron expressions: their fire times, how dense they are, and the messages of those that are refused."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from pydantic import ValidationError

from core.schedule.cron.refusal import refusal
from tock.core.schedule.schedule import CronSchedule, fire_times, shortest_gap

FRIDAY = datetime(2027, 1, 1, tzinfo=UTC)

NAMED = {
    "names of days": ("0 9 * * MON,wed-Fri", ["01 09:00:00", "04 09:00:00", "06 09:00:00"]),
    "Sunday as 0": ("0 0 * * 0", ["03 00:00:00", "10 00:00:00"]),
    "Sunday as 7": ("0 0 * * 7", ["03 00:00:00", "10 00:00:00"]),
    "Sunday ends a range of days": ("0 0 * * sat-sun", ["02 00:00:00", "03 00:00:00", "09 00:00:00"]),
    "seconds are the sixth field": ("0 0 * * * 5/20", ["01 00:00:05", "01 00:00:25", "01 00:00:45"]),
    "list of ranges with steps": ("0-10/5,59 7 * * *", ["01 07:00:00", "01 07:05:00", "01 07:10:00"]),
    "range of one value": ("5-5/10 7 * * *", ["01 07:05:00", "02 07:05:00"]),
    "day of month or day of week": ("0 0 13 * 5", ["08 00:00:00", "13 00:00:00", "15 00:00:00"]),
    "day of month and day of week that starts with a star": (
        "0 0 2-20 * */2",
        ["02 00:00:00", "03 00:00:00", "05 00:00:00"],
    ),
    "every day of month or a day of week": ("0 0 1-31 * 1", ["02 00:00:00", "03 00:00:00"]),
    "names in full": ("0 9 * January monday,Wednesday-FRIDAY", ["01 09:00:00", "04 09:00:00", "06 09:00:00"]),
    "a question mark is a star in the day of month": ("0 0 ? * 1", ["04 00:00:00", "11 00:00:00"]),
    "a question mark is a star in the day of week": ("0 0 5,6 * ?", ["05 00:00:00", "06 00:00:00"]),
    "a question mark counts as a star for the rule of two days": ("0 0 */2 * ?", ["03 00:00:00", "05 00:00:00"]),
    "step from a number on": ("5/25 7 * * *", ["01 07:05:00", "01 07:30:00", "01 07:55:00"]),
    "second of two digits": ("0 7 * * * 05", ["01 07:00:05"]),
    "alias": ("@Daily", ["02 00:00:00", "03 00:00:00"]),
    "spaces around": ("  0\t0 * *  * ", ["02 00:00:00"]),
}


@pytest.mark.parametrize(("cron", "expected"), NAMED.values(), ids=NAMED)
def test_fire_times_of_january(cron: str, expected: list[str]) -> None:
    actual = islice(fire_times(CronSchedule(cron=cron), after=FRIDAY), len(expected))

    assert [f"{instant:%d %H:%M:%S}" for instant in actual] == expected


def test_leap_day_on_a_weekday_is_found_across_the_year_2100() -> None:
    schedule = CronSchedule(cron="0 0 29 2 */7")

    actual = islice(fire_times(schedule, after=datetime(2088, 3, 1, tzinfo=UTC)), 2)

    assert list(actual) == [datetime(2128, 2, 29, tzinfo=UTC), datetime(2156, 2, 29, tzinfo=UTC)]


GAPS = {
    "every second": ("* * * * * *", timedelta(seconds=1)),
    "two seconds of a minute": ("* * * * * 5,50", timedelta(seconds=15)),
    "seconds across the hour": ("0,59 * * * * 10", timedelta(minutes=1)),
    "second of one minute": ("0 9 * * * 0,30", timedelta(seconds=30)),
    "two hours around midnight": ("0 0,23 * * *", timedelta(hours=1)),
    "the same hours on separate days": ("0 0,23 * * 1", timedelta(hours=23)),
    "daily": ("0 9 * * *", timedelta(days=1)),
    "weekly": ("0 9 * * 1", timedelta(days=7)),
    "workdays": ("0 9 * * 1,3,5", timedelta(days=2)),
    "monthly": ("0 9 1 * *", timedelta(days=28)),
    "last of the long months": ("0 9 31 * *", timedelta(days=31)),
    "yearly": ("0 9 1 1 *", timedelta(days=365)),
    "leap days": ("0 9 29 2 *", timedelta(days=1461)),
    "leap days on a Sunday": ("0 9 29 2 */7", timedelta(days=28 * 365 + 7)),
    "day of month or day of week": ("0 9 13 * 5", timedelta(days=1)),
}


@pytest.mark.parametrize(("cron", "expected"), GAPS.values(), ids=GAPS)
def test_shortest_gap(cron: str, expected: timedelta) -> None:
    assert shortest_gap(CronSchedule(cron=cron)) == expected


REFUSED = {
    "minute too high": ("99 * * * *", "minute '99': 99 is out of range; it takes *, numbers from 0 to 59"),
    "step of zero": ("*/0 * * * *", "minute '*/0': a step of 0 never moves; use 1 or more"),
    "step without a number": ("*/ * * * *", "minute '*/': cannot read '*/'"),
    "step of a step": ("*/2/3 * * * *", "minute '*/2/3': cannot read '*/2/3'"),
    "negative": ("-5 * * * *", "minute '-5': cannot read '-5'"),
    "range without an end": ("5- * * * *", "minute '5-': cannot read '5-'"),
    "empty item of a list": ("1,,2 * * * *", "minute '1,,2': cannot read ''"),
    "digits of another script": ("\u0663 * * * *", "minute '\u0663': cannot read '\u0663'"),
    "hour too high": ("0 24 * * *", "hour '24': 24 is out of range; it takes *, numbers from 0 to 23"),
    "day of month 0": ("0 0 0 * *", "day of month '0': 0 is out of range; it takes *, numbers from 1 to 31"),
    "month 13": ("0 0 1 13 *", "month '13': 13 is out of range; it takes *, numbers from 1 to 12 or JAN to DEC"),
    "day's name as a month": ("0 0 1 MON *", "month 'MON': cannot read 'MON'"),
    "weekday 8": ("0 0 * * 8", "day of week '8': 8 is out of range; it takes *, numbers from 0 to 7 or SUN to SAT"),
    "unknown name": ("0 0 * * FOO", "day of week 'FOO': cannot read 'FOO'"),
    "part of a name": ("0 0 * * MOND", "day of week 'MOND': cannot read 'MOND'"),
    "range runs backwards": ("0 0 * * FRI-MON", "day of week 'FRI-MON': 'FRI-MON' runs backwards; split it in two"),
    "second too high": ("* * * * * 60", "second '60': 60 is out of range; it takes *, numbers from 0 to 59"),
    "four fields": ("* * * *", "has 4 fields; it takes 5 (minute, hour, day of month, month, day of week), or 6"),
    "seven fields": ("1 2 3 4 5 6 7", "has 7 fields; it takes 5"),
    "empty": ("", "cron '' has 0 fields; it takes 5"),
    "too long": ("0 " * 101, "cron has 202 characters; it may have 200"),
    "unknown alias": ("@reboot", "'@reboot' is not known; write five fields, or one of @hourly, @daily"),
    "date that never comes": ("0 9 31 2 *", "has no fire time: day of month '31' never comes in month '2'"),
    "date that comes in none of two months": ("0 9 31 APR,JUN *", "has no fire time: day of month '31' never"),
}


@pytest.mark.parametrize(("cron", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_cron_names_field_text_and_remedy(cron: str, message: str) -> None:
    assert message in refusal(cron)


@pytest.mark.parametrize(
    "time_zone",
    [
        "Foo/Bar",
        "../etc",
        "/etc/passwd",
        "",
        ".",
        "Europe",
        "right/UTC",
        "localtime",
        "a\0b",
        "a" * 999,
    ],
)
def test_refused_time_zone_names_field_and_remedy(time_zone: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CronSchedule(cron="0 9 * * *", time_zone=time_zone)

    [error] = caught.value.errors()
    assert error["loc"] == ("time_zone",)
    assert "is not known: write an IANA name, such as 'Europe/Berlin' or 'UTC'" in error["msg"]
