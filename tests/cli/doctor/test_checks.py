"""What `tock doctor` makes of what the API says: each state, with its remedy."""

from datetime import timedelta
from typing import Any

import pytest

from core.builders import NOON, TIMING, a_run, a_started_run, a_trigger
from tock.cli.doctor.checks import (
    Line,
    State,
    clock_line,
    lateness_line,
    repair_lines,
    run_lines,
    tick_lines,
    trigger_lines,
)
from tock.core.run import transition
from tock.core.run.run import Run
from tock.core.trigger.trigger import Pause, PauseReason
from tock.web.resources.health import Backlog, Health, HealthStatus
from tock.web.resources.page import UnreadableShape
from tock.web.resources.projects.diagnosis import DiagnosisResource, RepairResource, StuckShape
from tock.web.resources.runs.run import RunResource
from tock.web.resources.triggers.trigger import TriggerResource

SECOND = timedelta(seconds=1)
STUCK = StuckShape(run="r1", status="queued", problem="has no time at which a sweep looks at it")
BROKEN = UnreadableShape(id="x", problem="status: Field required")


def health(**changes: Any) -> Health:
    given = {
        "status": HealthStatus.OK,
        "last_tick": NOON,
        "last_success": NOON,
        "age_seconds": 20.0,
        "consecutive_failures": 0,
        "counters": None,
        "backlog": Backlog(triggers=0, runs=0),
    }
    return Health(**given | changes)


def diagnosis(**changes: Any) -> DiagnosisResource:
    given = {
        "project": "p",
        "at": NOON,
        "active": 4,
        "more": False,
        "stuck": (),
        "more_stuck": False,
        "unreadable": (),
        "orphans": (),
    }
    return DiagnosisResource(**given | changes)


def states(lines: Any) -> dict[str, State]:
    return {line.subject: line.state for line in lines}


def test_a_deployment_in_order_needs_nothing() -> None:
    lines = list(tick_lines(health()))

    assert states(lines) == dict.fromkeys(("tick", "backlog", "sweep"), State.OK)
    assert {line.remedy for line in lines} == {""}


def test_a_stack_before_its_first_tick_is_starting() -> None:
    starting = health(
        status=HealthStatus.STARTING, last_tick=None, last_success=None, age_seconds=None, first_tick_at=NOON
    )

    assert next(tick_lines(starting)) == Line(
        "tick", State.OK, "the stack is starting: its first tick is due at 2027-01-01T12:00:00Z"
    )


@pytest.mark.parametrize(
    ("changes", "subject", "state", "says"),
    [
        ({"age_seconds": None}, "tick", State.PROBLEM, "no tick has ever succeeded"),
        ({"status": HealthStatus.LATE, "age_seconds": 240.0}, "tick", State.PROBLEM, "4m ago: no trigger fires"),
        ({"age_seconds": 100.0}, "tick", State.WARNING, "1m ago: one tick did not come"),
        ({"consecutive_failures": 2}, "tick", State.WARNING, "the last 2 ticks failed"),
        ({"backlog": Backlog(triggers=7, runs=0)}, "backlog", State.WARNING, "7 triggers are due"),
        ({"backlog": Backlog(triggers=0, runs=3)}, "sweep", State.WARNING, "3 runs of all projects wait for a sweep"),
    ],
)
def test_what_does_not_tick_as_it_should_has_a_remedy(
    changes: dict[str, Any], subject: str, state: State, says: str
) -> None:
    [line] = [line for line in tick_lines(health(**changes)) if line.subject == subject]

    assert (line.state, says in line.text, line.remedy != "") == (state, True, True)


@pytest.mark.parametrize(
    ("ahead", "took", "state"), [(0, 1, State.OK), (30, 1, State.WARNING), (-30, 1, State.WARNING), (11, 10, State.OK)]
)
def test_clocks_differ_by_more_than_the_way_of_the_answer(ahead: int, took: int, state: State) -> None:
    line = clock_line(server=NOON + ahead * SECOND, sent=NOON, received=NOON + took * SECOND)

    assert line.state is state


def test_stuck_runs_are_named_with_the_command_that_repairs_them() -> None:
    fine, stuck = (diagnosis(stuck=found) for found in ((), (STUCK,) * 7))

    assert list(run_lines(fine)) == [Line("runs", State.OK, "4 are not over, and each is on its way")]
    [line] = run_lines(stuck)
    assert (line.state, line.remedy) == (State.PROBLEM, "Repair them: tock doctor --repair")
    assert line.text.startswith("7 of 4 runs are stuck: r1 (queued) has no time at which a sweep looks at it, r1 ")
    assert line.text.endswith(" and 2 more")


def test_what_was_not_looked_at_is_no_all_clear() -> None:
    [older] = run_lines(diagnosis(active=1200, more=True))
    [unknown] = run_lines(diagnosis(more_stuck=True))
    [some] = run_lines(diagnosis(stuck=(STUCK,), more_stuck=True))

    assert (older.state, older.text) == (State.OK, "1200 or more are not over, and none of them is overdue")
    assert (unknown.state, unknown.remedy != "") == (State.WARNING, True)
    assert some.text.startswith("1 or more of 4 runs are stuck: r1 ")
    repaired = RepairResource(project="p", repaired=(), ended=(BROKEN,), still_stuck=(), more_stuck=True)
    assert [(line.state, line.text) for line in repair_lines(repaired)] == [
        (State.OK, "1 that could not be read were ended as failed: x"),
        (State.WARNING, "more runs may be stuck"),
    ]


def test_what_cannot_be_read_is_a_problem() -> None:
    found = diagnosis(unreadable=(BROKEN,))

    assert list(run_lines(found))[1] == Line(
        "runs", State.PROBLEM, "cannot be read: x: status: Field required", "Delete such a record: tock runs delete RUN"
    )
    assert states(trigger_lines([], [BROKEN]))["triggers"] is State.PROBLEM


@pytest.mark.parametrize(
    ("repaired", "left", "expected"),
    [
        ((), (), [(State.OK, "no run was stuck")]),
        ((STUCK,), (), [(State.OK, "1 runs are on their way again: r1")]),
        ((), (STUCK,), [(State.PROBLEM, "still stuck: r1 (queued)")]),
    ],
)
def test_a_repair_says_what_it_did(
    repaired: tuple[StuckShape, ...], left: tuple[StuckShape, ...], expected: list[tuple[State, str]]
) -> None:
    found = RepairResource(project="p", repaired=repaired, ended=(), still_stuck=left, more_stuck=False)

    assert [(line.state, line.text) for line in repair_lines(found)] == expected


def test_triggers_that_tock_had_to_disable_are_named() -> None:
    pause = Pause(reason=PauseReason.INVALID, note="its agent is gone", at=NOON, by="schedule")
    triggers = [
        TriggerResource.of(trigger, last_run=None, now=NOON)
        for trigger in (a_trigger(), a_trigger(id="bad", enabled=False, next_run_at=None, paused=pause))
    ]

    [line] = trigger_lines(triggers, ())

    assert (line.state, "bad: its agent is gone" in line.text) == (State.PROBLEM, True)
    assert states(trigger_lines(triggers[:1], ())) == {"triggers": State.OK}


def _late(seconds: int, **changes: Any) -> Run:
    return a_started_run(now=NOON + seconds * SECOND, **changes)


def test_lateness_is_that_of_runs_that_could_start_in_time() -> None:
    held = transition.hold(a_run(), blocked_by="r", now=NOON, timing=TIMING)
    held = transition.promote(held, now=NOON + 90 * SECOND, timing=TIMING)
    waited = transition.start(held, now=NOON + 91 * SECOND, owner="r", agent_revision=1, timing=TIMING)
    runs = [_late(0), _late(1), _late(2), _late(600, late=True), waited, a_run()]

    assert lateness_line(map(RunResource.of, runs)) == Line(
        "lateness", State.OK, "the newest 3 runs started 1.0 s after their time (median), at most 2.0 s"
    )
    slow = lateness_line(map(RunResource.of, [_late(20)]))
    assert (slow.state, slow.remedy != "") == (State.WARNING, True)
    assert lateness_line([]).state is State.NOT_CHECKED
