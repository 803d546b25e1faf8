"""Six fields that may have their second first are refused; those that cannot be read that way are taken."""

import re

import pytest

from core.schedule.cron.refusal import refusal
from tock.core.schedule.cron.fields import cron_fields
from tock.core.schedule.cron.second_first import second_first

#: The text, what it means with its second first, and how to keep what it means in Tock.
REFUSED = {
    "Mondays at nine": ("0 0 9 * * 1", "0 9 * * 1", "0 0 9 * * 01"),
    "Sundays at nine": ("0 0 9 * * 0", "0 9 * * 0", "0 0 9 * * 00"),
    "Mondays and Wednesdays at nine": ("0 0 9 * * 1,3", "0 9 * * 1,3", "0 0 9 * * 01,03"),
    "workdays, half a minute past nine": ("30 0 9 * * 1-5", "0 9 * * 1-5 30", "30 0 9 * * 01-05"),
    "daily at nine": ("0 0 9 * * *", "0 9 * * *", "0 0 9 * * 0-59"),
    "every five minutes": ("0 */5 * * * *", "*/5 * * * *", "0 */5 * * * 0-59"),
    "every ten seconds": ("*/10 * * * * *", "* * * * * */10", "*/10 * * * * 0-59"),
    "every minute at its 30th second": ("30 * * * * *", "* * * * * 30", "30 * * * * 0-59"),
    "hourly": ("0 0 * * * *", "0 * * * *", "0 0 * * * 0-59"),
    "every five minutes on Mondays": ("0 */5 * * * 1", "*/5 * * * 1", "0 */5 * * * 01"),
    "each quarter past nine on Fridays": ("0 */15 9 * * 5", "*/15 9 * * 5", "0 */15 9 * * 05"),
    "first of the month": ("0 0 9 1 * *", "0 9 1 * *", "0 0 9 1 * 0-59"),
    "Mondays in January": ("0 0 9 * 1 1", "0 9 * 1 1", "0 0 9 * 1 01"),
    "every second hour on Fridays": ("0 9 */2 * * 5", "9 */2 * * 5", "0 9 */2 * * 05"),
}


@pytest.mark.parametrize(("cron", "meant", "kept"), REFUSED.values(), ids=REFUSED)
def test_what_looks_like_a_second_first_is_refused_with_both_ways_to_write_it(cron: str, meant: str, kept: str) -> None:
    said = second_first(cron)

    assert said is not None
    assert "the sixth field is the second: write" in said
    assert re.findall(r"(?:write|or) '([^']*)' for '", said) == [meant, kept]
    assert second_first(meant) is second_first(kept) is None
    assert cron_fields(kept) == cron_fields(cron)


TAKEN = [
    "*/5 * * * * 0",
    "* * * * * */10",
    "* * * * * 15,45",
    "* * * * * 5/20",
    "* * * * * 0-50/10",
    "0 9 * * * 0",
    "0 9 * * * 30",
    "0 9 * * 1-5 0",
    "0 9 * * 1-5 5",
    "0 9 * * mon-fri 5",
    "0 9 25 * * 0",
    "0 9 25 * * 5",
    "0 0 1 * * 30",
    "0 9 * * * 05",
    "* * * * * *",
    "* * * * 1-5 *",
    "0 9 * * 1",
    "@daily",
]


@pytest.mark.parametrize("cron", TAKEN)
def test_what_has_its_second_last_is_taken(cron: str) -> None:
    assert cron_fields(cron)
    assert second_first(cron) is None


def test_what_can_be_read_with_its_second_first_only_is_no_cron_expression() -> None:
    assert "has its second first, but the sixth field is the second" in refusal("0 30 9 * * 1-5")
