"""What is said of a time zone that is not known."""

import pytest

from tock.core.schedule.time_zones import instead_of_time_zone, is_time_zone


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("europe/berlin ", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("new york", "America/New_York"),
    ],
)
def test_the_zone_that_was_probably_meant_is_named(name: str, meant: str) -> None:
    assert not is_time_zone(name)
    assert instead_of_time_zone(name) == f"{name!r} is not known: did you mean {meant!r}?"


@pytest.mark.parametrize("name", ["PST", "CEST", "UTC+1", "GMT+2", "Foo/Bar", ""])
def test_no_zone_is_suggested_that_may_be_another_one(name: str) -> None:
    assert instead_of_time_zone(name) == f"{name!r} is not known: write an IANA name, such as 'Europe/Berlin' or 'UTC'"


def test_a_long_name_is_cut() -> None:
    assert len(instead_of_time_zone("Europe/" + "x" * 100_000)) < 200
