"""The proof finds runs that were at work at once against the overlap policy, by the records of their attempts."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.builders import a_run, at
from tock.core.proof.overlapping import overlapping_runs
from tock.core.run.run import Run

Times = tuple[str, str | None]


def run_at(clock: str, *work: Times, **changes: Any) -> Run:
    """The run of this fire time, which was at work during these times; None means that it still is."""
    attempts = [
        {
            "number": number,
            "status": "running" if ended is None else "failed",
            "owner": "r",
            "started": at(started),
            "ended": None if ended is None else at(ended),
            "agent_revision": 1,
        }
        for number, (started, ended) in enumerate(work, start=1)
    ]
    return a_run(id=clock, scheduled_for=at(clock), attempts=attempts, **changes)


CASES: dict[str, tuple[Sequence[Run], list[tuple[str, str]]]] = {
    "one after the other": (
        [run_at("12:00", ("12:00", "12:01")), run_at("12:01", ("12:01", "12:02"))],
        [],
    ),
    "as much at once as clocks differ": (
        [run_at("12:00", ("12:00", "12:01:04")), run_at("12:01", ("12:01", "12:02"))],
        [],
    ),
    "one that began by a clock behind the other's": (
        [run_at("12:00", ("12:00:02", "12:00:04")), run_at("12:01", ("12:00:01", "12:05"))],
        [],
    ),
    "at once": (
        [run_at("12:00", ("12:00", "12:01:30")), run_at("12:01", ("12:01", "12:02"))],
        [("12:01", "12:00")],
    ),
    "beside one that is still at work": (
        [run_at("12:00", ("12:00", None)), run_at("12:01", ("12:01", "12:02"))],
        [("12:01", "12:00")],
    ),
    "beside the second attempt of an earlier one": (
        [run_at("12:00", ("12:00", "12:00:10"), ("12:01:10", "12:03")), run_at("12:01", ("12:01", "12:02"))],
        [("12:00", "12:01")],
    ),
    "a parallel one beside an earlier one": (
        [run_at("12:00", ("12:00", "12:05")), run_at("12:01", ("12:01", "12:02"), overlap="parallel")],
        [],
    ),
    "one beside an earlier parallel one": (
        [run_at("12:00", ("12:00", "12:05"), overlap="parallel"), run_at("12:01", ("12:01", "12:02"))],
        [("12:01", "12:00")],
    ),
    "two attempts of one run": ([run_at("12:00", ("12:00", "12:05"), ("12:01", "12:06"))], []),
    "three at once, each named once": (
        [run_at("12:00", ("12:00", "12:09")), run_at("12:01", ("12:01", "12:09")), run_at("12:02", ("12:02", "12:09"))],
        [("12:01", "12:00"), ("12:02", "12:00")],
    ),
}


@pytest.mark.parametrize(("runs", "found"), CASES.values(), ids=CASES)
def test_runs_at_work_at_once_are_found_whatever_their_order(runs: Sequence[Run], found: list[tuple[str, str]]) -> None:
    for given in (runs, runs[::-1]):
        assert [(run.id, other.id) for run, other in overlapping_runs(given)] == found
