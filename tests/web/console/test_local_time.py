"""A field for a local time, in the zone of the reader."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tock.core.errors import InvalidArgument
from tock.web.console.forms.local_time import field_text, instant_of, second_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2027-01-04T09:00", "2027-01-04T08:00:00+00:00"),
        (" 2027-07-04T09:00:30 ", "2027-07-04T07:00:30+00:00"),
        ("2027-07-04T09:00:00-04:00", "2027-07-04T13:00:00+00:00"),
        # The clocks go back from 03:00 to 02:00: it comes twice.
        ("2027-10-31T02:30", "2027-10-31T00:30:00+00:00"),
    ],
)
def test_a_local_time_is_an_instant_in_the_zone(text: str, instant: str) -> None:
    assert instant_of(text, zone=BERLIN, field="at") == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("2027-03-28T02:30", "does not exist in Europe/Berlin"),
        ("soon", "is not a time"),
        ("1969-12-31T09:00", "takes a time from 1970 to 2199"),
        ("2200-01-01T09:00", "takes a time from 1970 to 2199"),
        ("0001-01-01T00:00", "the time is outside the years"),
        ("9999-12-31T23:59", "takes a time from 1970 to 2199"),
    ],
)
def test_what_is_no_such_time_is_refused(text: str, remedy: str) -> None:
    with pytest.raises(InvalidArgument, match=remedy):
        instant_of(text, zone=BERLIN, field="at")


def test_a_local_time_that_comes_twice_has_a_second_instant() -> None:
    first = instant_of("2027-10-31T02:30", zone=BERLIN, field="at")
    second = second_of(first, zone=BERLIN)

    assert second == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert second_of(second, zone=BERLIN) is None
    assert second_of(instant_of("2027-10-31T09:00", zone=BERLIN, field="at"), zone=BERLIN) is None


def test_a_field_shows_the_local_time_of_an_instant_in_whole_seconds() -> None:
    assert field_text(datetime(2027, 7, 4, 7, 0, 30, 250, tzinfo=UTC), zone=BERLIN) == "2027-07-04T09:00:30"
