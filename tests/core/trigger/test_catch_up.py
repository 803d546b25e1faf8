"""The plan of a trigger that no tick claimed in time: what each catch-up policy runs and records as missed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.builders import NOON, a_trigger, at, every, once
from tock.core.run.run import MissedRange
from tock.core.schedule.schedule import CronSchedule
from tock.core.trigger.catch_up import CATCH_UP_RATE
from tock.core.trigger.plan import Plan, plan, plan_all_missed
from tock.core.trigger.trigger import Trigger

LOOK_AHEAD = timedelta(seconds=90)
SECOND = timedelta(seconds=1)


def late(mode: str, window: str = "1h", **changes: Any) -> Trigger:
    return a_trigger(catch_up={"mode": mode, "window": window}, **changes)


def minutes(first: str, count: int) -> tuple[datetime, ...]:
    return tuple(at(first) + timedelta(minutes=minute) for minute in range(count))


def missed(first: str, last: str, count: int) -> MissedRange:
    return MissedRange(first=at(first), last=at(last), count=count)


CASES: dict[str, tuple[Trigger, datetime, Plan]] = {
    "latest runs the newest and what is coming": (
        late("latest"),
        at("12:20:30"),
        Plan(fires=minutes("12:20", 3), missed=missed("12:00", "12:19", 20), next_run_at=at("12:23")),
    ),
    "latest runs a single late one": (
        late("latest", schedule=once(NOON)),
        at("12:30"),
        Plan(fires=(NOON,), missed=None, next_run_at=None),
    ),
    "latest at the edge of its window": (
        late("latest", schedule=every(hours=2)),
        at("13:00"),
        Plan(fires=(NOON,), missed=None, next_run_at=at("14:00")),
    ),
    "latest past its window": (
        late("latest", schedule=every(hours=2)),
        at("13:00:01"),
        Plan(fires=(), missed=missed("12:00", "12:00", 1), next_run_at=at("14:00")),
    ),
    "latest, once, past its window: nothing is left": (
        late("latest", schedule=once(NOON)),
        at("13:00:01"),
        Plan(fires=(), missed=missed("12:00", "12:00", 1), next_run_at=None),
    ),
    "none runs one that is still punctual": (
        late("none", schedule=every(hours=2)),
        at("12:01"),
        Plan(fires=(NOON,), missed=None, next_run_at=at("14:00")),
    ),
    "none drops one that is not": (
        late("none", schedule=every(hours=2)),
        at("12:01:01"),
        Plan(fires=(), missed=missed("12:00", "12:00", 1), next_run_at=at("14:00")),
    ),
    "none runs what is coming after an outage": (
        late("none", schedule=every(minutes=10)),
        at("12:38:45"),
        Plan(fires=(at("12:40"),), missed=missed("12:00", "12:30", 4), next_run_at=at("12:50")),
    ),
    "all runs each of a few, then what is coming": (
        late("all"),
        at("12:05:30"),
        Plan(fires=minutes("12:00", 8), missed=None, next_run_at=at("12:08")),
    ),
    "all runs ten, and those may be all": (
        late("all"),
        at("12:09"),
        Plan(fires=minutes("12:00", 11), missed=None, next_run_at=at("12:11")),
    ),
    "all runs ten, and the eleventh stays due": (
        late("all"),
        at("12:10"),
        Plan(fires=minutes("12:00", 10), missed=None, next_run_at=at("12:10")),
    ),
    "all drops those before its window": (
        late("all", "5m"),
        at("12:20"),
        Plan(fires=minutes("12:15", 7), missed=missed("12:00", "12:14", 15), next_run_at=at("12:22")),
    ),
    "all drops some, runs ten, and the rest stays due": (
        late("all", "15m"),
        at("12:20"),
        Plan(fires=minutes("12:05", 10), missed=missed("12:00", "12:04", 5), next_run_at=at("12:15")),
    ),
    "all past its window runs none": (
        late("all", "1m", schedule=every(minutes=10)),
        at("12:35"),
        Plan(fires=(), missed=missed("12:00", "12:30", 4), next_run_at=at("12:40")),
    ),
    "no fire time at or after the end, however late": (
        late("all", end=at("12:03")),
        at("12:30"),
        Plan(fires=minutes("12:00", 3), missed=None, next_run_at=None),
    ),
}


@pytest.mark.parametrize(("trigger", "now", "expected"), CASES.values(), ids=CASES)
def test_plan_of_a_late_trigger(trigger: Trigger, now: datetime, expected: Plan) -> None:
    assert plan(trigger, now=now, look_ahead=LOOK_AHEAD) == expected


@pytest.mark.parametrize("mode", ["latest", "none"])
def test_an_hour_of_outage_is_made_up_in_one_tick(mode: str) -> None:
    now = at("13:00:20")

    decided = plan(late(mode), now=now, look_ahead=LOOK_AHEAD)

    assert decided == Plan(fires=minutes("13:00", 2), missed=missed("12:00", "12:59", 60), next_run_at=at("13:02"))


def test_all_makes_up_an_hour_of_outage_within_seven_ticks() -> None:
    trigger, fired = late("all", "2h"), list[datetime]()

    for tick in range(7):
        now = at("13:00:20") + timedelta(minutes=tick)
        decided = plan(trigger, now=now, look_ahead=LOOK_AHEAD)
        trigger = trigger.model_copy(update={"next_run_at": decided.next_run_at})
        fired += decided.fires
        assert decided.missed is None
        assert len(decided.fires) <= CATCH_UP_RATE + 2

    assert fired == list(minutes("12:00", len(fired)))
    assert decided.next_run_at is not None
    assert decided.next_run_at > now


@pytest.mark.parametrize("mode", ["latest", "none"])
def test_an_outage_of_months_is_made_up_in_one_tick(mode: str) -> None:
    trigger = late(mode, schedule=every(seconds=10))
    now = NOON + timedelta(days=90)

    decided = plan(trigger, now=now, look_ahead=LOOK_AHEAD)

    assert decided == Plan(
        fires=tuple(now + timedelta(seconds=10 * number) for number in range(10)),
        missed=MissedRange(first=NOON, last=now - 10 * SECOND, count=90 * 8640),
        next_run_at=now + timedelta(seconds=100),
    )


def test_an_outage_of_months_over_clock_changes_is_counted_to_the_last_fire_time() -> None:
    berlin = CronSchedule(cron="*/5 * * * * 0,30", time_zone="Europe/Berlin")
    trigger = late("latest", schedule=berlin)
    now = NOON + timedelta(days=181)

    decided = plan(trigger, now=now, look_ahead=LOOK_AHEAD)

    # Elapsed time: one hour less on the local clock changes nothing.
    missed = MissedRange(first=NOON, last=now - timedelta(minutes=4, seconds=30), count=181 * 288 * 2)
    assert decided == Plan(fires=(now, now + 30 * SECOND), missed=missed, next_run_at=now + timedelta(minutes=5))


def test_all_runs_what_is_within_its_window_however_long_the_outage() -> None:
    trigger = late("all", "7d", schedule=every(seconds=10))
    now = NOON + timedelta(days=2)

    decided = plan(trigger, now=now, look_ahead=LOOK_AHEAD)

    fires = tuple(NOON + timedelta(seconds=10 * number) for number in range(2 * 9))
    assert decided == Plan(fires=fires, missed=None, next_run_at=fires[-1] + 10 * SECOND)


def test_all_runs_the_first_of_its_window_at_once_however_long_the_outage() -> None:
    trigger = late("all", "1m", schedule=every(seconds=1))
    now = NOON + timedelta(days=30)

    decided = plan(trigger, now=now, look_ahead=LOOK_AHEAD)

    missed = MissedRange(first=NOON, last=now - 61 * SECOND, count=30 * 86_400 - 60)
    coming = tuple(now + number * SECOND for number in range(-60, 91))
    assert decided == Plan(fires=coming, missed=missed, next_run_at=now + 91 * SECOND)


def test_no_fire_time_at_or_after_the_end_is_counted() -> None:
    trigger = late("latest", schedule=every(seconds=10), end=NOON + timedelta(days=30))

    decided = plan(trigger, now=NOON + timedelta(days=60), look_ahead=LOOK_AHEAD)

    last = NOON + timedelta(days=30) - 10 * SECOND
    assert decided == Plan(fires=(), missed=MissedRange(first=NOON, last=last, count=30 * 8640), next_run_at=None)


def test_a_pause_after_an_outage_of_months_drops_all_at_once() -> None:
    trigger = a_trigger(schedule=every(seconds=1))
    now = NOON + timedelta(days=90)

    decided = plan_all_missed(trigger, now=now)

    assert decided == Plan(
        fires=(), missed=MissedRange(first=NOON, last=now, count=90 * 86_400 + 1), next_run_at=now + SECOND
    )


def test_all_makes_up_an_outage_of_a_schedule_that_brings_more_than_ten_a_minute() -> None:
    trigger = late("all", "2h", schedule=every(seconds=5))

    for tick in range(20):
        now = at("12:30") + timedelta(minutes=tick)
        decided = plan(trigger, now=now, look_ahead=LOOK_AHEAD)
        trigger = trigger.model_copy(update={"next_run_at": decided.next_run_at})
        assert decided.missed is None

    assert decided.next_run_at is not None
    assert decided.next_run_at > now
