"""What the overview says of the scheduler."""

from datetime import datetime, timedelta

import pytest

from core.builders import NOON
from tock.core.health.scheduler_state import SchedulerState, TickCounters
from tock.web.console.pages.overview.scheduler import pulse_of, tick_summary
from tock.web.resources.health import LATE, Health

SECOND = timedelta(seconds=1)
NONE = {"triggers": 0, "runs": 0}


def state(*, age: timedelta, failures: int = 0) -> SchedulerState:
    return SchedulerState(last_tick=NOON - age, last_success=NOON - age, consecutive_failures=failures)


@pytest.mark.parametrize(
    ("found", "pulse"),
    [
        (None, ("late", "No tick has succeeded yet: no trigger fires.", None, "")),
        (state(age=12 * SECOND), ("alive", "The last tick succeeded", NOON - 12 * SECOND, "")),
        (state(age=LATE), ("alive", "The last tick succeeded", NOON - LATE, "")),
        (state(age=LATE + SECOND), ("late", "The last tick succeeded", NOON - LATE - SECOND, "Due triggers wait.")),
        (state(age=0 * SECOND, failures=1), ("failing", "The last tick failed. The last success was", NOON, "")),
        (state(age=0 * SECOND, failures=2), ("failing", "The last 2 ticks failed. The last success was", NOON, "")),
    ],
    ids=["never", "now", "at the limit", "late", "failed once", "failing"],
)
def test_the_scheduler_is_alive_by_the_thresholds_of_the_health_route(
    found: SchedulerState | None, pulse: tuple[str, str, datetime | None, str]
) -> None:
    told = pulse_of(Health.of(found, backlog=NONE, now=NOON))

    assert (told.state, told.text, told.at, told.then) == pulse
    assert bool(told.remedy) is (told.state != "alive")


@pytest.mark.parametrize(
    ("found", "age", "pulse"),
    [
        (None, 20, ("starting", "The first tick is due", NOON + 60 * SECOND)),
        (state(age=timedelta(days=1)), 20, ("starting", "The first tick is due", NOON + 60 * SECOND)),
        (None, 121, ("late", "No tick has succeeded yet: no trigger fires.", None)),
        (state(age=timedelta(days=1)), 121, ("late", "The last tick succeeded", NOON - timedelta(days=1))),
        (
            SchedulerState(last_tick=NOON, consecutive_failures=1),
            20,
            ("late", "No tick has succeeded yet: no trigger fires.", None),
        ),
    ],
    ids=["fresh", "restarted", "no first tick", "none since the restart", "the first tick failed"],
)
def test_a_stack_without_its_first_tick_is_starting_for_two_minutes(
    found: SchedulerState | None, age: int, pulse: tuple[str, str, datetime | None]
) -> None:
    told = pulse_of(Health.of(found, backlog=NONE, now=NOON, started=NOON - age * SECOND))

    assert (told.state, told.text, told.at) == pulse


def test_a_tick_is_summed_up_by_what_it_did() -> None:
    counters = TickCounters(due=3, claimed=2, missed=4, unfinished=True)

    assert tick_summary(counters) == ("3 found due", "2 claimed", "4 missed", "stopped at its time budget")
    assert tick_summary(TickCounters()) == ("had nothing to do",)
