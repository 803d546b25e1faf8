"""The plan of a trigger: what runs on time, and when there is no further fire time."""

from datetime import datetime, timedelta

import pytest

from core.builders import NOON, a_trigger, at, every, once
from tock.core.run.run import MissedRange
from tock.core.schedule.schedule import CronSchedule
from tock.core.trigger.plan import Plan, first_fire_time, plan, plan_all_missed
from tock.core.trigger.trigger import Trigger

LOOK_AHEAD = timedelta(seconds=90)
HOURLY = CronSchedule(cron="0 * * * *")

ON_TIME: dict[str, tuple[Trigger, datetime, Plan]] = {
    "the fire times within the look-ahead run": (
        a_trigger(),
        at("11:59:30"),
        Plan(fires=(at("12:00"), at("12:01")), missed=None, next_run_at=at("12:02")),
    ),
    "a fire time at the end of the look-ahead runs": (
        a_trigger(schedule=HOURLY),
        at("11:58:30"),
        Plan(fires=(at("12:00"),), missed=None, next_run_at=at("13:00")),
    ),
    "a fire time just past the look-ahead stays": (
        a_trigger(schedule=HOURLY),
        at("11:58:29"),
        Plan(fires=(), missed=None, next_run_at=at("12:00")),
    ),
    "a fire time at this very moment runs": (
        a_trigger(schedule=HOURLY),
        NOON,
        Plan(fires=(at("12:00"),), missed=None, next_run_at=at("13:00")),
    ),
    "every 10 seconds makes nine runs in 90 seconds": (
        a_trigger(schedule=every(seconds=10), next_run_at=at("12:00:10")),
        NOON,
        Plan(
            fires=tuple(NOON + timedelta(seconds=second) for second in range(10, 91, 10)),
            missed=None,
            next_run_at=at("12:01:40"),
        ),
    ),
    "cron with seconds runs at its seconds": (
        a_trigger(schedule=CronSchedule(cron="* * * * * 15,45"), next_run_at=at("12:00:15")),
        NOON,
        Plan(
            fires=(at("12:00:15"), at("12:00:45"), at("12:01:15")),
            missed=None,
            next_run_at=at("12:01:45"),
        ),
    ),
    "nothing to come plans nothing": (
        a_trigger(next_run_at=None),
        NOON,
        Plan(fires=(), missed=None, next_run_at=None),
    ),
    "once runs once": (
        a_trigger(schedule=once(NOON)),
        at("11:59"),
        Plan(fires=(NOON,), missed=None, next_run_at=None),
    ),
    "no fire time at the end": (
        a_trigger(end=at("12:02")),
        at("12:00:30"),
        Plan(fires=(at("12:00"), at("12:01")), missed=None, next_run_at=None),
    ),
    "an end beyond the look-ahead ends nothing yet": (
        a_trigger(end=at("12:03")),
        at("12:00"),
        Plan(fires=(at("12:00"), at("12:01")), missed=None, next_run_at=at("12:02")),
    ),
    "an end before the next fire time leaves nothing": (
        a_trigger(end=NOON),
        NOON,
        Plan(fires=(), missed=None, next_run_at=None),
    ),
}


@pytest.mark.parametrize(("trigger", "now", "expected"), ON_TIME.values(), ids=ON_TIME)
def test_plan_of_a_trigger_that_is_on_time(trigger: Trigger, now: datetime, expected: Plan) -> None:
    assert plan(trigger, now=now, look_ahead=LOOK_AHEAD) == expected


FIRST: dict[str, tuple[Trigger, datetime | None]] = {
    "the fire time after now": (a_trigger(), at("12:01")),
    "none before the start": (a_trigger(start=at("13:00:01")), at("13:01")),
    "a fire time at the start counts": (a_trigger(start=at("13:00")), at("13:00")),
    "a start that has passed changes nothing": (a_trigger(start=at("11:00")), at("12:01")),
    "none at the end": (a_trigger(end=at("12:01")), None),
    "the last before the end": (a_trigger(end=at("12:01:01")), at("12:01")),
    "none between start and end": (a_trigger(start=at("12:00:10"), end=at("12:00:50")), None),
    "once, still to come": (a_trigger(schedule=once(at("18:00"))), at("18:00")),
    "once, now": (a_trigger(schedule=once(NOON)), None),
}


@pytest.mark.parametrize(("trigger", "expected"), FIRST.values(), ids=FIRST)
def test_first_fire_time_after_noon(trigger: Trigger, expected: datetime | None) -> None:
    assert first_fire_time(trigger, after=NOON) == expected


LET_GO: dict[str, tuple[Trigger, Plan]] = {
    "all up to now are missed": (
        a_trigger(),
        Plan(fires=(), missed=MissedRange(first=NOON, last=at("12:05"), count=6), next_run_at=at("12:06")),
    ),
    "none is missed when none was late": (
        a_trigger(next_run_at=at("12:06")),
        Plan(fires=(), missed=None, next_run_at=at("12:06")),
    ),
    "the last leaves nothing to come": (
        a_trigger(schedule=once(NOON)),
        Plan(fires=(), missed=MissedRange(first=NOON, last=NOON, count=1), next_run_at=None),
    ),
    "nothing to come lets nothing go": (
        a_trigger(next_run_at=None),
        Plan(fires=(), missed=None, next_run_at=None),
    ),
    "not beyond the end": (
        a_trigger(end=at("12:03")),
        Plan(fires=(), missed=MissedRange(first=NOON, last=at("12:02"), count=3), next_run_at=None),
    ),
}


@pytest.mark.parametrize(("trigger", "expected"), LET_GO.values(), ids=LET_GO)
def test_what_is_let_go_at_five_past(trigger: Trigger, expected: Plan) -> None:
    assert plan_all_missed(trigger, now=at("12:05")) == expected
