"""What the overview says of the scheduler."""

from datetime import timedelta

import pytest

from core.builders import NOON
from tock.core.health.scheduler_state import SchedulerState, TickCounters
from tock.web.console.pages.overview.scheduler import pulse_of, tick_summary
from tock.web.resources.health import LATE, Health

NONE = {"triggers": 0, "runs": 0}


def state(*, age: timedelta, failures: int = 0) -> SchedulerState:
    return SchedulerState(last_tick=NOON - age, last_success=NOON - age, consecutive_failures=failures)


@pytest.mark.parametrize(
    ("found", "pulse"),
    [
        (None, ("late", "No tick has succeeded yet: no trigger fires.", "")),
        (state(age=timedelta(seconds=12)), ("alive", "The last tick succeeded", "")),
        (state(age=LATE), ("alive", "The last tick succeeded", "")),
        (state(age=LATE + timedelta(seconds=1)), ("late", "The last tick succeeded", "Due triggers wait.")),
        (state(age=timedelta(0), failures=1), ("failing", "The last tick failed. The last success was", "")),
        (state(age=timedelta(0), failures=2), ("failing", "The last 2 ticks failed. The last success was", "")),
    ],
    ids=["never", "now", "at the limit", "late", "failed once", "failing"],
)
def test_the_scheduler_is_alive_by_the_thresholds_of_the_health_route(
    found: SchedulerState | None, pulse: tuple[str, str, str]
) -> None:
    told = pulse_of(Health.of(found, backlog=NONE, now=NOON))

    assert (told.state, told.text, told.then) == pulse
    assert bool(told.remedy) is (told.state != "alive")


def test_a_tick_is_summed_up_by_what_it_did() -> None:
    counters = TickCounters(due=3, claimed=2, missed=4, unfinished=True)

    assert tick_summary(counters) == ("3 found due", "2 claimed", "4 missed", "stopped at its time budget")
    assert tick_summary(TickCounters()) == ("had nothing to do",)
