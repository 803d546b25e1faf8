"""Cron expressions in words: as an engineer would say it, and never the same words for two different expressions."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedule.cron.cron_cases import DATES, HOURS, MINUTES, SECONDS
from tock.core.schedule.cron.fields import CronFields, cron_fields
from tock.core.schedule.cron.text import cron_text

WORDS = {
    "* * * * *": "every minute",
    "*/5 * * * *": "every 5 minutes",
    "3/5 * * * *": "every 5 minutes from minute 3",
    "*/7 * * * *": "at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every hour",
    "30-40 * * * *": "at minutes 30 to 40 of every hour",
    "15 * * * *": "at minute 15 of every hour",
    "0 */2 * * *": "at minute 0 of every 2nd hour",
    "10 1/3 * * *": "at minute 10 of every 3rd hour from hour 1",
    "0 9 * * *": "at 09:00 every day",
    "0 9 * * 1-5": "at 09:00 on Monday to Friday",
    "0,30 9,17 * * *": "at 09:00, 09:30, 17:00 and 17:30 every day",
    "*/15 9-17 * * 1-5": "every 15 minutes of hours 9 to 17 on Monday to Friday",
    "* 9 * * *": "every minute of hour 9",
    "*/30 2 * * *": "at 02:00 and 02:30 every day",
    "0 0 * * 0": "at 00:00 on Sunday",
    "0 0 * * 6,0": "at 00:00 on Saturday and Sunday",
    "0 0 13 * 5": "at 00:00 on day 13 of the month or on Friday",
    "0 0 1-7 * */2": "at 00:00 on days 1 to 7 of the month if it is Tuesday, Thursday, Saturday or Sunday",
    "0 0 1-31 * 5": "at 00:00 every day",
    "0 0 29 2 *": "at 00:00 on day 29 of the month in February",
    "0 0 * 1,3-5 *": "at 00:00 on every day in January and March to May",
    "0 0 1,15 * ?": "at 00:00 on days 1 and 15 of the month",
    "0 9 * * * 5": "at 09:00:05 every day",
    "* * * * * *": "every second",
    "* * * * * */10": "every 10 seconds",
    "* * * * * 5": "at second 5 of every minute",
    "*/2 * * * * 30": "at second 30 of every 2nd minute",
    "*/5 * * * * 0": "every 5 minutes",
    "0 * * * * */10": "every 10 seconds of minute 0 of every hour",
    "* 9 * * * */10": "every 10 seconds of hour 9",
    "@monthly": "at 00:00 on day 1 of the month",
}


@pytest.mark.parametrize(("cron", "words"), WORDS.items(), ids=list(WORDS))
def test_an_expression_in_words(cron: str, words: str) -> None:
    assert cron_text(cron_fields(cron)) == words


def days_named(fields: CronFields) -> object:
    """What the day fields come to: with one of two alternative fields full, every day."""
    full = len(fields.days) == 31, len(fields.weekdays) == 7
    if fields.either_day and any(full):
        return "every day"
    if all(full):
        return "every day"
    return fields.days, fields.weekdays, fields.either_day and not any(full)


CRONS = st.tuples(MINUTES, HOURS, DATES, SECONDS).map(" ".join)


@given(st.lists(CRONS, min_size=2, max_size=6))
@settings(max_examples=300, deadline=None)
def test_different_expressions_have_different_words(crons: list[str]) -> None:
    known: dict[str, tuple[object, ...]] = {}

    for cron in crons:
        try:
            fields = cron_fields(cron)
        except ValueError:
            continue
        named = (fields.seconds, fields.minutes, fields.hours, fields.months, days_named(fields))
        assert known.setdefault(cron_text(fields), named) == named


@pytest.mark.parametrize(("field", "size"), [(0, 60), (1, 24), (5, 60)])
def test_each_set_of_values_of_a_field_has_its_own_words(field: int, size: int) -> None:
    sets = [*combinations(range(8), 3), *(range(first, size, step) for first in range(5) for step in range(1, size))]
    texts = ["0", "*", "*", "*", "*", "0"]
    words: dict[str, tuple[int, ...]] = {}

    for values in sets:
        texts[field] = ",".join(map(str, values))
        named = tuple(values)
        assert words.setdefault(cron_text(cron_fields(" ".join(texts))), named) == named
