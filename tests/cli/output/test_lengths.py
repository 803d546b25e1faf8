"""Lengths of time as people read them."""

from datetime import timedelta

import pytest

from tock.cli.output.lengths import how_long, roughly, seconds


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (0.04, "40 ms"),
        (12.34, "12.3 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (7500, "2 h 5 min"),
        (3600, "1 h"),
        (200_000, "2 d 7 h"),
    ],
)
def test_a_length_has_its_two_largest_units(length: float, text: str) -> None:
    assert how_long(timedelta(seconds=length)) == text


@pytest.mark.parametrize(
    ("length", "text"), [(59.9, "59s"), (60, "1m"), (3600 * 47, "47h"), (3600 * 48, "2d"), (86400 * 800, "2y")]
)
def test_roughly_it_is_one_unit_rounded_down(length: float, text: str) -> None:
    assert roughly(timedelta(seconds=length)) == text


def test_seconds_have_three_decimals() -> None:
    assert (seconds(1.23456), seconds(None)) == ("1.235 s", "")
