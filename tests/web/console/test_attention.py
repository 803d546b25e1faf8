"""What needs a person, of what was read of a project."""

from datetime import timedelta
from typing import Any

from core.builders import NOON, a_run, a_run_that_is, a_trigger
from tock.app.tick.stuck_runs import ActiveRuns, StuckRun
from tock.core.health.orphan import Orphan, OrphanKind, OrphanReason
from tock.core.run.last_run import LastRun
from tock.core.run.messages.wait import Wait
from tock.core.run.outcome import WaitFor
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.schedule.schedule import OnceSchedule
from tock.core.trigger.trigger import Pause, PauseReason
from tock.core.unreadable import Unreadable
from tock.web.console.pages.overview.attention import SHOWN, Seen, groups_of

LATER = NOON + timedelta(minutes=5)


def active(*runs: Run, stuck: tuple[StuckRun, ...] = ()) -> ActiveRuns:
    return ActiveRuns(runs=runs, more=False, stuck=stuck, unreadable=(), unreadable_stuck=(), more_stuck=False)


def seen(**found: Any) -> Seen:
    return Seen(**{"triggers": (), "last": {}, "active": active(), "orphans": (), "unreadable": ()} | found)


def said(found: Seen) -> list[tuple[str, str, str, str]]:
    return [
        (item.kind, item.room, item.id, item.said) for group in groups_of(found, now=LATER) for item in group.listed
    ]


def last(status: RunStatus) -> LastRun:
    return LastRun(run="run-9", status=status, scheduled_for=NOON, started=NOON, finished=NOON)


def a_waiting_run(wait_for: WaitFor) -> Run:
    run = a_run_that_is(RunStatus.WAITING)
    wait = Wait(wait_for=wait_for, question="Publish it?", deadline=LATER)
    return run.model_copy(update={"attempts": (run.attempts[0].model_copy(update={"wait": wait}),)})


def test_nothing_needs_a_person_if_all_is_well() -> None:
    found = seen(
        triggers=[a_trigger()],
        last={"digest": last(RunStatus.SUCCEEDED)},
        active=active(a_run_that_is(RunStatus.RUNNING)),
    )

    assert said(found) == []


def test_a_question_comes_first_and_a_callback_needs_nobody() -> None:
    found = seen(
        triggers=[a_trigger()],
        last={"digest": last(RunStatus.FAILED)},
        active=active(a_waiting_run(WaitFor.APPROVAL), a_waiting_run(WaitFor.CALLBACK)),
    )

    assert said(found) == [
        ("waiting", "runs", "run-1", "waits for an approval: Publish it?"),
        ("failed", "runs", "run-9", "failed at its last run"),
    ]


def test_what_the_system_paused_is_told_with_its_note_and_what_a_person_disabled_is_not() -> None:
    by_person = Pause(reason=PauseReason.DISABLED, at=NOON, by="ada")
    invalid = Pause(reason=PauseReason.INVALID, note="no zone", at=NOON, by="tick")
    triggers = [a_trigger(id="a", paused=by_person), a_trigger(id="b", paused=invalid)]

    assert said(seen(triggers=triggers)) == [
        ("paused", "triggers", "b", "was disabled because it cannot be claimed: no zone")
    ]


def test_a_single_fire_time_that_succeeded_needs_nobody_but_one_that_never_ran_does() -> None:
    exhausted = Pause(reason=PauseReason.EXHAUSTED, at=NOON, by="tick")
    trigger = a_trigger(schedule=OnceSchedule(at=NOON), paused=exhausted)

    assert said(seen(triggers=[trigger], last={"digest": last(RunStatus.SUCCEEDED)})) == []
    assert said(seen(triggers=[trigger])) == [("paused", "triggers", "digest", "has no further fire time")]


def test_a_stuck_run_is_told_once_and_a_late_one_too() -> None:
    stuck, late = a_run(id="stuck"), a_run(id="late")
    undelivered = Orphan(OrphanKind.RUN, "stuck", OrphanReason.UNDELIVERED, "none was delivered")

    found = seen(active=active(stuck, late, stuck=(StuckRun(stuck, "is not moved on"),)), orphans=[undelivered])

    assert said(found) == [
        ("stuck", "runs", "stuck", "is not moved on"),
        ("late", "runs", "late", "is queued and late: it was due for digest"),
    ]


def test_documents_that_cannot_be_read_are_named() -> None:
    broken = Unreadable(kind="trigger", project="library", id="x", version=1, problem="schedule: is missing")

    assert said(seen(unreadable=[broken])) == [("unreadable", "triggers", "x", "cannot be read: schedule: is missing")]


def test_of_many_of_one_kind_some_are_listed_and_all_are_counted() -> None:
    triggers = [a_trigger(id=f"t{number}") for number in range(30)]
    failed = {trigger.id: last(RunStatus.FAILED) for trigger in triggers}

    (group,) = groups_of(seen(triggers=triggers, last=failed), now=LATER)

    assert (len(group.listed), group.count) == (SHOWN, 30)
