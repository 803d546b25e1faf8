"""What is refused of a schedule that somebody writes although it can be read: with the field, value and remedy."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from tock.core.errors import InvalidArgument
from tock.core.schedule.schedule import CronSchedule, Schedule
from tock.core.schedule.validation import check_schedule

SCHEDULE: TypeAdapter[Schedule] = TypeAdapter(Schedule)
SHORTEST = timedelta(seconds=10)

TOO_LARGE = {
    "90 minutes": (
        "*/90 * * * *",
        "minute '*/90'",
        "names only 0: write 0, or for every 90 minutes write every: PT90M",
    ),
    "60 minutes": ("*/60 * * * *", "minute '*/60'", "write 0, or for every 60 minutes write every: PT60M"),
    "36 hours": ("0 */36 * * *", "hour '*/36'", "write 0, or for every 36 hours write every: PT36H"),
    "24 hours": ("0 */24 * * *", "hour '*/24'", "for every 24 hours write every: PT24H"),
    "45 days": ("0 0 */45 * *", "day of month '*/45'", "write 1, or for every 45 days write every: P45D"),
    "31 days": ("0 0 */31 * *", "day of month '*/31'", "for every 31 days write every: P31D"),
    "18 months": ("0 0 1 */18 *", "month '*/18'", "names only 1: write 1"),
    "12 months": ("0 0 1 */12 *", "month '*/12'", "names only 1: write 1"),
    "10 weekdays": ("0 0 * * */10", "day of week '*/10'", "write 0, or for every 10 days write every: P10D"),
    "7 weekdays": ("0 0 * * */7", "day of week '*/7'", "for every 7 days write every: P7D"),
    "7 weekdays from Monday": ("0 0 * * 1/7", "day of week '1/7'", "names only 1: write 1, or for every 7 days"),
    "90 seconds": ("* * * * * */90", "second '*/90'", "write 0, or for every 90 seconds write every: PT90S"),
    "beyond the range": ("0-10/20 * * * *", "minute '0-10/20'", "leads beyond 10, so '0-10/20' names only 0: write 0"),
    "beyond the range of one": ("5-5/10 * * * *", "minute '5-5/10'", "names only 5: write 5"),
    "beyond the range of hours": ("0 9-17/12 * * *", "hour '9-17/12'", "names only 9: write 9"),
    "beyond the rest": ("50/15 * * * *", "minute '50/15'", "names only 50: write 50, or for every 15 minutes"),
    "in a list": ("0,*/90 * * * *", "minute '0,*/90'", "'*/90' names only 0"),
    "longer than any interval": ("0 0 */9999999999999999 * *", "day of month", "names only 1: write 1"),
}


@pytest.mark.parametrize(("cron", "field", "remedy"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_step_beyond_its_field_is_refused(cron: str, field: str, remedy: str) -> None:
    error = refusal({"cron": cron})

    assert (error.field, error.value) == ("schedule.cron", cron)
    assert error.remedy.startswith(field)
    assert remedy in error.remedy


@pytest.mark.parametrize(
    "cron",
    [
        *("*/59 * * * *", "*/30 * * * *", "30/29 * * * *", "0 */23 * * *", "0 0 */30 * *", "0 0 1 */11 *"),
        *("0 0 * * */6", "0-10/10 * * * *", "* * * * * */30", "59/1 * * * *", "0 9 * * 1-5", "@weekly"),
    ],
)
def test_a_step_within_its_field_is_accepted(cron: str) -> None:
    check_schedule(CronSchedule(cron=cron), shortest_interval=SHORTEST)


def test_no_remedy_ends_a_longer_interval_than_there_is() -> None:
    assert "every:" not in refusal({"cron": "0 0 */367 * *"}).remedy
    assert "write every: P366D" in refusal({"cron": "0 0 */366 * *"}).remedy


MISREAD = {
    "second first": ("0 0 9 * * 1", "the sixth field is the second: write '0 9 * * 1'"),
    "every second": ("0 */5 * * * *", "the sixth field is the second: write '*/5 * * * *'"),
    "year last": (
        "0 9 ? * MON-FRI *",
        "has a year as its last field, which Tock does not have: write '0 9 ? * MON-FRI'",
    ),
}


@pytest.mark.parametrize(("cron", "remedy"), MISREAD.values(), ids=MISREAD)
def test_what_other_programs_read_in_another_way_is_refused(cron: str, remedy: str) -> None:
    error = refusal({"cron": cron})

    assert (error.field, error.value) == ("schedule.cron", cron)
    assert remedy in error.remedy


@pytest.mark.parametrize("schedule", [{"cron": "* * * * * *"}, {"cron": "* * * * * 5,10"}, {"every": "9s"}])
def test_fire_times_that_are_too_close_are_refused(schedule: dict[str, str]) -> None:
    error = refusal(schedule)

    assert error.field == "schedule"
    assert "this deployment accepts PT10S or more" in error.remedy
    check_schedule(SCHEDULE.validate_python(schedule), shortest_interval=timedelta(seconds=1))


def refusal(schedule: dict[str, str]) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as caught:
        check_schedule(SCHEDULE.validate_python(schedule), shortest_interval=SHORTEST)
    return caught.value
