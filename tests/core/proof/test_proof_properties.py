"""Properties of the proof: it holds for whatever ticks and edits leave, and any change of a record is found."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from core.builders import NOON, every
from core.history import History, withdrawn
from tock.core.policies import CatchUpMode
from tock.core.run.run import Run
from tock.core.schedule.schedule import CronSchedule, Schedule

SECOND = timedelta(seconds=1)
#: A dozen steps, of up to twenty minutes or of less than the clocks of two machines differ.
STEPS = st.lists(st.one_of(st.integers(1, 2), st.integers(1, 1200)).map(lambda count: count * SECOND), max_size=12)
SCHEDULES: st.SearchStrategy[Schedule] = st.one_of(
    st.one_of(st.integers(1, 3), st.integers(10, 900)).map(lambda count: every(seconds=count)),
    st.sampled_from(("* * * * *", "*/7 * * * *", "* * * * * */20")).map(lambda cron: CronSchedule(cron=cron)),
)
#: By how much a clock differs from the true time, at most.
SKEWS = st.integers(-3000, 3000).map(lambda count: count * timedelta(milliseconds=1))
#: The edits that follow each other at one time, each by another clock.
EDITS: dict[str, st.SearchStrategy[list[dict[str, Any]]]] = {
    "label": st.just([{"name": "Renamed"}]),
    "edit": st.lists(st.fixed_dictionaries({"schedule": SCHEDULES}), min_size=1, max_size=2),
    "switch": st.lists(st.booleans().map(lambda enabled: {"enabled": enabled}), min_size=1, max_size=2),
}
STEP_KINDS = ("tick", "tick", "tick", "work", "delete", *EDITS)


@st.composite
def histories(draw: st.DrawFn) -> tuple[History, datetime]:
    """Draw a history of ticks, edits, pauses, deletions and creations, by clocks that differ, and its end."""
    catch_up = {"mode": draw(st.sampled_from(CatchUpMode)), "window": timedelta(seconds=draw(st.integers(60, 1800)))}
    history = History(now=NOON, schedule=draw(SCHEDULES), catch_up=catch_up)
    now = NOON
    for step in draw(STEPS):
        now += step
        kinds = ("create",) if history.trigger is None else STEP_KINDS
        match draw(st.sampled_from(kinds)):
            case "tick":
                history.tick(now=now + draw(SKEWS))
            case "work":
                for run in [run for run in history.runs.values() if run.due_at <= now and not run.status.terminal]:
                    history.work(run, at=now)
            case "delete":
                history.delete(now=now)
            case "create":
                history.create(now=now + draw(SKEWS), schedule=draw(SCHEDULES), catch_up=catch_up)
            case kind:
                for changes in draw(EDITS[kind]):
                    history.edit(now=now + draw(SKEWS), **changes)
    return history, now


def _faults(history: History, *, since: datetime, until: datetime) -> list[str]:
    return [f"{each.fire_time} {each.run}: {each.problem}" for each in history.prove(since=since, until=until).faults]


@given(histories())
def test_the_proof_of_every_history_holds(drawn: tuple[History, datetime]) -> None:
    history, end = drawn

    assert _faults(history, since=NOON - SECOND, until=end + SECOND) == []


@given(histories(), st.data())
def test_the_proof_holds_for_every_part_of_a_history(drawn: tuple[History, datetime], data: st.DataObject) -> None:
    history, end = drawn
    seconds = (end - NOON) // SECOND
    first = NOON + data.draw(st.integers(0, seconds)) * SECOND
    last = first + data.draw(st.integers(1, seconds + 1)) * SECOND

    assert _faults(history, since=first, until=last) == []


@given(histories(), st.integers(0, 20))
def test_the_parts_of_a_history_add_up_to_the_whole(drawn: tuple[History, datetime], minutes: int) -> None:
    history, end = drawn
    middle = min(NOON + minutes * 60 * SECOND, end)

    parts = [history.prove(since=NOON, until=middle), history.prove(since=middle, until=end)]

    whole = history.prove(since=NOON, until=end)
    assert parts[0].occurrences + parts[1].occurrences == whole.occurrences


def _dropped(history: History, run: Run) -> None:
    del history.runs[run.id]


def _duplicated(history: History, run: Run) -> None:
    history.put(run.model_copy(update={"id": f"{run.id}-again"}))


def _of_another_generation(history: History, run: Run) -> None:
    history.put(run.model_copy(update={"generation": run.generation + 1000}))


def _a_moment_later(history: History, run: Run) -> None:
    moved = None if run.missed is None else run.missed.model_copy(update={"last": run.missed.last + SECOND})
    history.put(run.model_copy(update={"scheduled_for": run.scheduled_for + SECOND, "missed": moved}))


def _miscounted(history: History, run: Run) -> None:
    assume(run.missed is not None)
    assert run.missed is not None
    history.put(run.model_copy(update={"missed": run.missed.model_copy(update={"count": run.missed.count - 1})}))


CHANGES = (_dropped, _duplicated, _of_another_generation, _a_moment_later, _miscounted)


@given(histories(), st.sampled_from(CHANGES), st.data())
def test_a_change_of_any_record_is_found(
    drawn: tuple[History, datetime], change: Callable[[History, Run], None], data: st.DataObject
) -> None:
    history, end = drawn
    standing = [run for run in history.runs.values() if run.scheduled_for < end and not withdrawn(run)]
    assume(standing)
    run = data.draw(st.sampled_from(sorted(standing, key=lambda each: each.scheduled_for)))

    change(history, run)

    # An hour more: a record that was moved must not leave the interval.
    assert _faults(history, since=NOON - SECOND, until=end + 3600 * SECOND) != []
