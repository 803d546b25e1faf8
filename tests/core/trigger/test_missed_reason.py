"""The reason of missed fire times names the rule that decided, its window, and how late they were."""

from datetime import timedelta
from typing import Any

import pytest

from core.builders import NOON, TIMING, a_trigger, at
from tock.core.schedule.schedule import IntervalSchedule
from tock.core.trigger.claim import claim
from tock.core.trigger.plan import plan, plan_all_missed

OFF = "the trigger was disabled"
MINUTELY = IntervalSchedule(every=timedelta(minutes=1), anchor=NOON)
#: The catch-up policy, when the first tick comes after noon, and the reason of the missed fire times.
BY_POLICY: list[tuple[dict[str, Any], str, str]] = [
    (
        {"mode": "latest"},
        "12:04:20",
        (
            "no tick claimed them in time; catch-up is latest within PT1H, "
            "and only the newest late fire time runs, 2027-01-01T12:04:00Z"
        ),
    ),
    (
        {"mode": "latest"},
        "12:01:20",
        (
            "no tick claimed it in time; catch-up is latest within PT1H, "
            "and only the newest late fire time runs, 2027-01-01T12:01:00Z"
        ),
    ),
    (
        {"mode": "none"},
        "12:04:20",
        "no tick claimed them in time; catch-up is none, and only the newest late fire time runs, 2027-01-01T12:04:00Z",
    ),
    (
        {"mode": "all", "window": "2m"},
        "12:04:20",
        (
            "no tick claimed them in time; catch-up is all within PT2M, and the newest of them was PT2M20S late, "
            "more than PT2M"
        ),
    ),
]


@pytest.mark.parametrize(("catch_up", "clock", "reason"), BY_POLICY)
def test_the_catch_up_policy_is_named_with_its_window(catch_up: dict[str, Any], clock: str, reason: str) -> None:
    trigger = a_trigger(schedule=MINUTELY, catch_up=catch_up)
    decided = plan(trigger, now=at(clock), look_ahead=timedelta())

    made = claim(trigger, decided, now=at(clock), claimed_by="tick", timing=TIMING)

    assert [run.reason for run in made.runs if run.missed is not None] == [reason]


@pytest.mark.parametrize("mode", ["latest", "none"])
def test_a_single_fire_time_beyond_the_window_is_missed_for_its_lateness(mode: str) -> None:
    hourly = IntervalSchedule(every=timedelta(hours=3), anchor=NOON)
    trigger = a_trigger(schedule=hourly, catch_up={"mode": mode})
    decided = plan(trigger, now=at("14:10"), look_ahead=timedelta())

    made = claim(trigger, decided, now=at("14:10"), claimed_by="tick", timing=TIMING)

    policy = {"latest": "latest within PT1H, and it was PT2H10M late, more than PT1H"}
    expected = policy.get(mode, "none, and it was PT2H10M late, more than PT1M")
    assert [run.reason for run in made.runs] == [f"no tick claimed it in time; catch-up is {expected}"]


@pytest.mark.parametrize(
    ("clock", "reason"),
    [
        (
            "12:04:20",
            (
                f"no tick had claimed them since 2027-01-01T12:00:00Z; {OFF} at 2027-01-01T12:04:20Z, "
                "before a tick claimed them"
            ),
        ),
        ("12:00:20", f"{OFF} at 2027-01-01T12:00:20Z, before a tick claimed it"),
    ],
    ids=["that ends an outage", "between two ticks"],
)
def test_a_pause_names_the_outage_that_it_ends(clock: str, reason: str) -> None:
    trigger = a_trigger(schedule=MINUTELY)
    decided = plan_all_missed(trigger, now=at(clock))

    made = claim(trigger, decided, now=at(clock), claimed_by="edit", timing=TIMING, ended_by=OFF)

    assert [run.reason for run in made.runs] == [reason]
