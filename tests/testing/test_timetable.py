"""The fire times of definitions, clock changes included."""

from datetime import UTC, datetime

import pytest

import tock
import tock.testing
from tock.core.errors import InvalidArgument
from tock.definitions.registry import forget
from tock.manifest.problem import DefinitionsRefused


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_local_time_in_a_gap_fires_right_after_it() -> None:
    found = tock.testing.fire_times(
        tock.cron("30 2 * * *", "Europe/Berlin"), "2027-03-27T00:00:00Z", "2027-03-30T00:00:00Z"
    )

    assert found == [utc("2027-03-27T01:30"), utc("2027-03-28T01:00"), utc("2027-03-29T00:30")]


def test_a_local_time_in_a_fold_fires_once() -> None:
    found = tock.testing.fire_times(
        tock.cron("30 2 * * *", "Europe/Berlin"), "2027-10-30T00:00:00+02:00", utc("2027-11-01T00:00")
    )

    assert found == [utc("2027-10-30T00:30"), utc("2027-10-31T00:30")]


def test_the_beginning_counts_and_the_end_does_not() -> None:
    found = tock.testing.fire_times(tock.every("15m"), "2027-01-01T00:00:00Z", "2027-01-01T00:30:00Z")

    assert found == [utc("2027-01-01T00:00"), utc("2027-01-01T00:15")]


def test_a_trigger_fires_only_between_its_own_start_and_end() -> None:
    trigger = tock.trigger(
        "t", "digest", tock.every("1h"), start="2027-01-01T02:00:00Z", end="2027-01-01T04:00:00Z", enabled=False
    )
    forget(__name__)

    found = tock.testing.fire_times(trigger, "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z")

    assert found == [utc("2027-01-01T02:00"), utc("2027-01-01T03:00")]


def test_wrong_definitions_times_and_endless_lists_are_refused() -> None:
    with pytest.raises(DefinitionsRefused) as refused:
        tock.testing.fire_times(tock.cron("0 9 * *"), "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z")
    assert [problem.field for problem in refused.value.problems] == ["schedule.cron"]

    with pytest.raises(InvalidArgument, match="needs an offset"):
        tock.testing.fire_times(tock.every("15m"), "2027-01-01T00:00:00", "2027-01-02T00:00:00Z")
    with pytest.raises(InvalidArgument, match="give an earlier end"):
        tock.testing.fire_times(tock.every("1s"), "2027-01-01T00:00:00Z", "2027-02-02T00:00:00Z")
    with pytest.raises(InvalidArgument, match="give what tock"):
        tock.testing.fire_times("t", "2027-01-01T00:00:00Z", "2027-02-02T00:00:00Z")  # type: ignore[arg-type] # as people write it
