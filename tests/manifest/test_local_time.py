"""A local time becomes the instant that it means, unless a clock change skips or repeats it."""

from datetime import UTC, datetime

import pytest

from tock.manifest.local_time import instant_of


@pytest.mark.parametrize("time", ["2027-01-01T09:00", datetime(2027, 1, 1, 9)])  # noqa: DTZ001 - a local time
def test_a_local_time_is_that_of_the_zone(time: str | datetime) -> None:
    assert instant_of(time, time_zone="Europe/Berlin") == datetime(2027, 1, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "zone", "problem"),
    [
        ("2027-03-28T02:30", "Europe/Berlin", "does not exist in Europe/Berlin, whose clocks skip it"),
        (
            "2026-10-25T02:30",
            "Europe/Berlin",
            (
                "comes twice in Europe/Berlin, whose clocks go back: write "
                "'2026-10-25T02:30:00+02:00' or '2026-10-25T02:30:00+01:00'"
            ),
        ),
        ("2027-01-01T09:00+01:00", "Europe/Berlin", "has an offset and a time zone: leave out one of them"),
        ("2027-01-01T09:00", "Europe/Berln", "time zone 'Europe/Berln' is not known: did you mean 'Europe/Berlin'?"),
        ("nine", "Europe/Berlin", "'nine' is no time: write one such as '2027-01-01T09:00'"),
    ],
)
def test_what_is_no_instant_is_refused(time: str, zone: str, problem: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the text is compared
        instant_of(time, time_zone=zone)

    assert problem in str(refused.value)
