"""Times and durations as people read them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tock.web.console.times import absolute_text, day_and_time_text, duration_text, relative_text, time_markup

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime.fromisoformat("2027-01-04T09:00:00Z")


def test_a_time_is_relative_and_absolute_in_the_readers_zone_and_in_utc_where_somebody_points_at_it() -> None:
    text = time_markup(NOW - timedelta(minutes=3), now=NOW, zone=BERLIN)

    assert text == (
        '<time datetime="2027-01-04T08:57:00Z" title="2027-01-04T08:57:00Z">'
        "<span class=ago data-ago>3 min ago</span> <span class=at>09:57:00</span></time>"
    )


def test_a_time_that_there_is_not_is_told_as_text() -> None:
    assert time_markup(None, now=NOW, zone=BERLIN, absent="<never>") == "<span class=absent>&lt;never&gt;</span>"


@pytest.mark.parametrize(
    ("instant", "relative", "absolute"),
    [
        ("2027-01-04T09:00:00.4Z", "now", "10:00:00"),
        ("2027-01-04T09:00:59Z", "in 59 s", "10:00:59"),
        ("2027-01-04T08:59:00Z", "1 min ago", "09:59:00"),
        ("2027-01-04T07:00:01Z", "1 h ago", "08:00:01"),
        ("2027-01-03T23:00:00Z", "10 h ago", "00:00:00"),
        ("2027-01-03T22:59:00Z", "10 h ago", "3 Jan 23:59"),
        ("2027-07-04T09:00:00Z", "in 181 d", "4 Jul 11:00"),
        ("2026-12-31T22:30:00Z", "3 d ago", "31 Dec 2026 23:30"),
        ("2026-12-31T23:30:00Z", "3 d ago", "1 Jan 00:30"),
    ],
)
def test_a_time_says_as_much_of_its_day_as_is_needed(instant: str, relative: str, absolute: str) -> None:
    at = datetime.fromisoformat(instant)

    assert relative_text(at, now=NOW) == relative
    assert absolute_text(at, now=NOW, zone=BERLIN) == absolute


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (None, "-"),
        (0.0004, "0 ms"),
        (timedelta(milliseconds=350), "350 ms"),
        (4.25, "4.2 s"),
        (185, "3 min 5 s"),
        (timedelta(hours=2, minutes=10, seconds=5), "2 h 10 min"),
        (timedelta(days=1, seconds=5), "1 d 5 s"),
    ],
)
def test_a_duration_has_its_two_largest_units(length: timedelta | float | None, text: str) -> None:
    assert duration_text(length) == text


def test_an_end_of_a_span_is_told_with_its_day_also_today() -> None:
    assert day_and_time_text(NOW, now=NOW, zone=BERLIN) == "4 Jan 10:00"
