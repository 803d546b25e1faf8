"""Cron texts of other programs: each refusal says what to write in Tock, and what it says can be written."""

import re

import pytest

from core.schedule.cron.refusal import refusal
from tock.core.schedule.schedule import CronSchedule

NOT_YET = {
    "last day": ("0 0 L * *", "day of month 'L': Tock does not have L, the last day of a month, yet: write '1'"),
    "days before the last": ("0 0 L-3 * *", "day of month 'L-3': Tock does not have L"),
    "last day, second first": ("0 15 10 L * ?", "day of month 'L': Tock does not have L"),
    "nearest weekday": ("0 0 15W * *", "day of month '15W': Tock does not have W, the weekday nearest to a day, yet"),
    "last weekday of the month": ("0 0 LW * *", "day of month 'LW': Tock does not have W"),
    "nth weekday": ("0 0 * * MON#1", "day of week 'MON#1': Tock does not have #, the nth of a weekday in a month, yet"),
    "nth weekday, second first": ("0 15 10 ? * 6#3", "day of week '6#3': Tock does not have #"),
    "last Friday": ("0 0 * * 5L", "day of week '5L': Tock does not have L, the last of a weekday in a month, yet"),
    "last Friday by name": ("0 0 * * friL", "day of week 'FRIL': Tock does not have L"),
    "last day of the week": ("0 0 * * L", "day of week 'L': Tock does not have L"),
    "hash of a job": ("H H * * *", "minute 'H': Tock does not have H, a number of its own choice, yet"),
    "hash of a job in a range": ("H(0-29)/10 * * * *", "minute 'H(0-29)/10': Tock does not have H"),
    "random": ("0 R * * *", "hour 'R': Tock has no random numbers: write one"),
    "random within a range": ("0~30 * * * *", "minute '0~30': Tock has no random numbers: write one"),
    "question mark in the minute": ("? * * * *", "minute '?': '?' stands for * in the two day fields only: write '*'"),
    "unknown alias": ("@reboot", "'@reboot' is not known; write five fields, or one of @hourly, @daily"),
}


@pytest.mark.parametrize(("cron", "message"), NOT_YET.values(), ids=NOT_YET)
def test_a_character_that_tock_does_not_have_is_named_with_a_way_out(cron: str, message: str) -> None:
    assert message in refusal(cron)


#: The text, what to write instead, and another part of the message.
INSTEAD = {
    "second first, hour out of range": ("0 30 9 * * 1-5", "30 9 * * 1-5", "the sixth field is the second"),
    "second first, weekday by name": ("0 0 9 * * MON", "0 9 * * MON", "for 'at 09:00 on Monday'"),
    "second first, question mark in the fourth field": ("0 0 9 ? * *", "0 9 ? * *", "the sixth field is the second"),
    "second first, question mark": ("0 0 12 * * ?", "0 12 * * ?", "the sixth field is the second"),
    "second first, day of month 0": ("30 0 0 1 * *", "0 0 1 * * 30", "for 'at 00:00:30 on day 1 of the month'"),
    "year of Quartz": ("0 15 10 * * ? *", "15 10 * * ?", "has a year as its last field"),
    "years of Quartz": ("0 0 12 * * ? 2027-2029", "0 12 * * ?", "bound the years by start and end"),
    "year of EventBridge": ("0 9 ? * MON-FRI 2027", "0 9 ? * MON-FRI", "has a year as its last field"),
    "call of EventBridge": ("cron(0 9 * * ? *)", "0 9 * * ?", "has a year as its last field"),
    "brackets": ("cron(0 9 * * *)", "0 9 * * *", "has brackets around it"),
    "CRON_TZ": ("CRON_TZ=Asia/Tokyo 0 9 * * *", "0 9 * * *", "and time_zone: 'Asia/Tokyo'"),
    "TZ": ("tz=UTC  0 9 * * *", "0 9 * * *", "and time_zone: 'UTC'"),
    "zone at the end": ("0 9 * * * Europe/Berlin", "0 9 * * *", "and time_zone: 'Europe/Berlin'"),
    "zone after the second": ("0 9 * * * 30 UTC", "0 9 * * * 30", "and time_zone: 'UTC'"),
}


@pytest.mark.parametrize(("cron", "instead", "message"), INSTEAD.values(), ids=INSTEAD)
def test_what_to_write_instead_is_written_out(cron: str, instead: str, message: str) -> None:
    said = refusal(cron)

    [written] = re.findall(r"write (?:cron: )?'([^']*)'", said)
    assert (written, CronSchedule(cron=written).cron) == (instead, instead)
    assert message in said


@pytest.mark.parametrize(
    ("cron", "interval"),
    [
        ("@every 5m", "PT5M"),
        ("@EVERY 1h30m", "PT1H30M"),
        ("@every 1.5h", "PT5M or the like"),
        ("rate(5 minutes)", "PT5M"),
        ("rate(1 hour)", "PT1H"),
        ("rate(7 days)", "P7D"),
    ],
)
def test_an_interval_names_every(cron: str, interval: str) -> None:
    assert f"is an interval: write every: {interval} instead of cron" in refusal(cron)


def test_a_long_text_is_refused_by_its_length_alone() -> None:
    said = refusal("CRON_TZ=UTC " + "0 " * 200)

    assert "cron has 412 characters" in said
    assert len(said) < 200
