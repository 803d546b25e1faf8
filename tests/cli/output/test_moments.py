"""Times in lists."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tock.cli.output.moments import Precision, moment, relative

NOW = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(), "now"),
        (timedelta(milliseconds=900), "now"),
        (timedelta(seconds=-59), "59s ago"),
        (timedelta(seconds=60), "in 1m"),
        (timedelta(minutes=-59, seconds=-59), "59m ago"),
        (timedelta(hours=47), "in 47h"),
        (timedelta(hours=-48), "2d ago"),
        (timedelta(days=729), "in 729d"),
        (timedelta(days=-800), "2y ago"),
    ],
)
def test_a_distance_in_whole_units(distance: timedelta, words: str) -> None:
    assert relative(NOW + distance, now=NOW) == words


@pytest.mark.parametrize(
    ("at", "precision", "shown"),
    [
        ("2027-03-28T01:00:00Z", Precision.FULL, "2027-03-28 03:00:00 +0200 (in 30m)"),
        ("2027-03-28T01:00:00Z", Precision.BRIEF, "03:00:00 (in 30m)"),
        ("2027-03-27T22:30:00Z", Precision.BRIEF, "03-27 23:30 (2h ago)"),
        ("2026-03-28T00:00:00Z", Precision.BRIEF, "2026-03-28 01:00 (365d ago)"),
        ("2027-03-28T01:00:00Z", Precision.RELATIVE, "in 30m"),
        (None, Precision.FULL, ""),
    ],
)
def test_a_time_in_a_zone(at: str | None, precision: Precision, shown: str) -> None:
    assert moment(at, now=NOW, zone=BERLIN, precision=precision) == shown
