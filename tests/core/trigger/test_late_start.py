"""Whether a claimed run may still start: the limits of each policy, and what it makes of a changed trigger."""

from datetime import timedelta
from typing import Any

import pytest

from core.builders import NOON, a_run, a_started_run, a_trigger, at
from tock.core.run.run import Run
from tock.core.schedule.schedule import IntervalSchedule
from tock.core.trigger.late_start import is_bound_by_catch_up, is_past_start_deadline, why_missed
from tock.core.trigger.trigger import Trigger

FIVE_MINUTES = IntervalSchedule(every=timedelta(minutes=5), anchor=NOON)


def trigger(**changes: Any) -> Trigger:
    """A trigger that fires every five minutes, for whose occurrence at noon `late_run` was claimed."""
    return a_trigger(schedule=FIVE_MINUTES, generation=1, **changes)


def late_run(mode: str, **changes: Any) -> Run:
    return a_run(catch_up={"mode": mode, "window": "10m"}, **changes)


@pytest.mark.parametrize(
    ("run", "last", "first"),
    [
        (late_run("none"), "12:01:00", "12:01:01"),
        (late_run("all"), "12:10:00", "12:10:01"),
        (late_run("latest"), "12:04:59", "12:05:00"),
        (late_run("all", start_deadline="30s"), "12:00:30", "12:00:31"),
        (late_run("all", status="held", late=True), "12:10:00", "12:10:01"),
    ],
    ids=["none", "all", "latest", "a start deadline", "held as a late one"],
)
def test_a_run_may_start_up_to_the_limit_of_its_policy(run: Run, last: str, first: str) -> None:
    assert why_missed(run, trigger(), now=at(last)) is None
    assert why_missed(run, trigger(), now=at(first)) is not None


@pytest.mark.parametrize(
    "run",
    [
        a_started_run(catch_up={"mode": "none"}, start_deadline="1s"),
        late_run("none", source="manual", start_deadline="1s"),
    ],
    ids=["one that has started", "one by hand"],
)
def test_nothing_binds_a_run_that_is_none_of_a_fire_time_to_come(run: Run) -> None:
    assert not is_past_start_deadline(run, now=at("14:00"))
    assert not is_bound_by_catch_up(run, now=at("14:00"))


def test_a_run_that_its_overlap_policy_held_is_no_late_one() -> None:
    held = late_run("none", status="held")

    assert not is_bound_by_catch_up(held, now=at("14:00"))


PAUSE = {"note": "", "at": NOON, "by": "ada"}


@pytest.mark.parametrize(
    ("stored", "missed"),
    [
        (trigger(), True),
        (trigger(enabled=False, paused=PAUSE | {"reason": "exhausted"}), True),
        (trigger(enabled=False, paused=PAUSE | {"reason": "disabled"}), False),
        (trigger(end=at("12:03")), False),
        (None, False),
    ],
    ids=["a newer fire time", "the last fire time", "paused since", "ended before", "deleted"],
)
def test_latest_looks_for_a_newer_fire_time_of_the_trigger_as_it_is(*, stored: Trigger | None, missed: bool) -> None:
    reason = why_missed(late_run("latest"), stored, now=at("12:06"))

    assert (reason is not None) is missed
    assert reason is None or "the fire time 2027-01-01T12:05:00Z has come since" in reason


def test_after_an_edit_only_fire_times_of_the_new_version_count() -> None:
    def reason(edited: str) -> str | None:
        updated = {"at": at(edited), "by": "ada"}
        edited_trigger = a_trigger(schedule=FIVE_MINUTES, generation=2, updated=updated)
        return why_missed(late_run("latest"), edited_trigger, now=at("12:06"))

    assert reason("12:04") is not None
    assert reason("12:05:30") is None
