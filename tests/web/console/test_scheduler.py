"""What the overview says of the scheduler."""

from datetime import timedelta

import pytest

from core.builders import NOON
from tock.core.scheduler_state import SchedulerState, TickCounters
from tock.web.console.pages.overview.scheduler import pulse_of, tick_summary
from tock.web.resources.health import LATE, Health

NONE = {"triggers": 0, "runs": 0}


def state(*, age: timedelta, failures: int = 0) -> SchedulerState:
    return SchedulerState(last_tick=NOON - age, last_success=NOON - age, consecutive_failures=failures)


@pytest.mark.parametrize(
    ("found", "word", "text"),
    [
        (None, "late", "No tick has ever succeeded: no trigger fires."),
        (state(age=timedelta(seconds=12)), "alive", "The last tick succeeded 12.0 s ago."),
        (state(age=LATE), "alive", "The last tick succeeded 3 min ago."),
        (state(age=LATE + timedelta(seconds=1)), "late", "The last tick succeeded 3 min 1 s ago: due triggers wait."),
        (
            state(age=timedelta(seconds=70), failures=1),
            "failing",
            "The last tick failed. The last success was 1 min 10 s ago.",
        ),
    ],
    ids=["never", "now", "at the limit", "late", "failing"],
)
def test_the_scheduler_is_alive_by_the_thresholds_of_the_health_route(
    found: SchedulerState | None, word: str, text: str
) -> None:
    pulse = pulse_of(Health.of(found, backlog=NONE, now=NOON))

    assert (pulse.state, pulse.text) == (word, text)
    assert bool(pulse.remedy) is (word != "alive")


def test_a_tick_is_summed_up_by_what_it_did() -> None:
    counters = TickCounters(due=3, claimed=2, missed=4, unfinished=True)

    assert tick_summary(counters) == ("3 found due", "2 claimed", "4 missed", "stopped at its time budget")
    assert tick_summary(TickCounters()) == ("had nothing to do",)
