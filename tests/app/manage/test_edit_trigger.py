"""Edits, pauses and deletions of triggers whose next runs are claimed already."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.checks import checked_runs, nothing_is_stuck
from app.clocks import SkewedClock
from app.rig import AUTHOR, Rig, delivery_of
from app.scripted_executor import Behaviour
from app.single_trigger import edit, stored
from tock.app.execution.cancel import cancel
from tock.app.manage.triggers.delete_trigger import delete_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.core.errors import InvalidArgument, NotFound
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.trigger import PauseReason, Trigger

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def test_an_edit_takes_back_the_claimed_runs_and_the_new_version_runs_their_fire_times_once(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=3 * MINUTE, overlap="parallel")
    old = await rig.runs("p")
    await rig.advance(25 * SECOND)
    at = rig.clock.present

    edited = await edit(rig, input={"message": "new"})
    await rig.recover()

    runs = await checked_runs(rig, trigger)
    assert {run.input.message for run in runs if run.scheduled_for > at} == {"new"}
    assert {run.input.message for run in runs if run.scheduled_for <= at} == {None}
    taken_back = [await rig.run(run) for run in old if run.scheduled_for > at]
    assert [(run.status, run.reason) for run in taken_back] == [(RunStatus.CANCELLED, "the trigger was edited")] * 7
    assert edited.generation == trigger.generation + 1


async def test_an_edit_of_labels_touches_no_run_and_no_fire_time(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=5 * MINUTE)
    before = await rig.runs("p")

    edited = await edit(rig, name="Morning", description="What it is for.")

    assert await rig.runs("p") == before
    kept = {"next_run_at", "claimed", "last_run", "generation", "paused"}
    assert edited.model_dump(include=kept) == trigger.model_dump(include=kept)
    assert (edited.name, edited.revision) == ("Morning", trigger.revision + 1)


async def test_an_edit_that_changes_nothing_writes_nothing(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=5 * MINUTE)

    edited = await edit(rig, overlap="skip")

    assert edited == trigger == await stored(rig)


async def test_a_new_schedule_replaces_the_claimed_fire_times_of_the_old(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=4 * MINUTE, overlap="parallel")
    await rig.advance(22 * SECOND)

    edited = await edit(rig, schedule={"every": "15s"})
    await rig.recover()

    runs = await checked_runs(rig, trigger)
    assert {run.status for run in runs} == {RunStatus.SUCCEEDED}
    old, new = (
        [run.scheduled_for.second for run in runs if (run.scheduled_for > edited.updated.at) is later]
        for later in (False, True)
    )
    assert (old, new[:4]) == ([10, 20], [30, 45, 0, 15])


async def test_after_a_pause_nothing_begins_and_after_it_ends_nothing_stale_does(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=30 * MINUTE, schedule={"every": "20s"}, overlap="parallel")
    await rig.deliver()
    await rig.advance(30 * SECOND)
    await rig.deliver()

    paused = await edit(rig, enabled=False, by="ada")
    begun = len(rig.executor.started)
    for _ in range(6):
        await rig.advance(MINUTE)
        await rig.tick()
        await rig.deliver()
    during = (len(rig.executor.started), await stored(rig))
    resumed = await edit(rig, enabled=True)
    await edit(rig, end=rig.clock.present + 2 * MINUTE)
    await rig.recover()

    assert during == (begun, paused)
    assert paused.next_run_at is None
    assert paused.paused is not None
    assert (paused.paused.reason, paused.paused.by) == (PauseReason.DISABLED, "ada")
    assert resumed.paused is None
    runs = await checked_runs(rig, trigger, until=(await stored(rig)).end)
    assert [run for run in runs if paused.updated.at < run.scheduled_for <= resumed.updated.at] == []
    assert len(runs) == 1 + 6


async def test_what_fell_due_before_a_pause_and_was_never_ticked_is_recorded_as_missed(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=10 * MINUTE, schedule={"every": "1m"}, overlap="parallel")
    await rig.advance(6 * MINUTE)

    paused = await edit(rig, enabled=False)

    await rig.recover()
    runs = await checked_runs(rig, trigger)
    assert all(run.scheduled_for <= paused.updated.at for run in runs)
    [missed] = [run for run in runs if run.missed is not None]
    assert missed.missed is not None
    assert missed.missed.count == 5
    assert missed.reason is not None
    assert "; the trigger was disabled at " in missed.reason


async def test_what_fell_due_before_an_edit_and_was_never_ticked_is_caught_up_by_the_old_version(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger(
        "p", lasts=10 * MINUTE, schedule={"every": "1m"}, overlap="parallel", catch_up={"mode": "all"}
    )
    await rig.advance(6 * MINUTE)
    at = rig.clock.present

    await edit(rig, input={"message": "new"})
    await rig.recover()

    runs = await checked_runs(rig, trigger)
    assert {run.input.message for run in runs if run.scheduled_for <= at} == {None}
    assert {run.status for run in runs} == {RunStatus.SUCCEEDED}


async def test_a_deletion_takes_back_the_claimed_runs_and_leaves_the_history(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=5 * MINUTE, overlap="parallel")
    await rig.advance(15 * SECOND)
    await rig.deliver()

    at = rig.clock.present
    await delete_trigger(rig.services(), project="p", trigger="t", by=AUTHOR)
    await rig.recover()

    assert await rig.store.trigger("p", "t") is None
    runs = await checked_runs(rig, trigger)
    assert (
        [run.status for run in runs if run.scheduled_for <= at] == [RunStatus.SUCCEEDED] == [run.status for run in runs]
    )


async def test_a_deleted_trigger_can_be_created_again_at_once(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=40 * SECOND, overlap="parallel")
    await delete_trigger(rig.services(), project="p", trigger="t", by=AUTHOR)

    again = await rig.create_trigger("p", lasts=35 * SECOND, overlap="parallel")
    await rig.recover()

    runs = await checked_runs(rig, again)
    assert [run.status for run in runs] == [RunStatus.SUCCEEDED] * 3
    assert sum(run.status is RunStatus.CANCELLED for run in await rig.runs("p")) == 4


@pytest.mark.parametrize("change", [{"input": {"message": "new"}}, {"name": "Once"}], ids=["input", "label"])
async def test_a_last_run_that_is_claimed_survives_an_edit(rig: Rig, change: dict[str, Any]) -> None:
    await rig.create_project("p")
    at = rig.clock.present + 20 * SECOND
    trigger = await rig.create_trigger("p", lasts=MINUTE, schedule={"at": at.isoformat()})

    await edit(rig, **change)
    await rig.recover()

    [run] = await checked_runs(rig, trigger)
    assert (run.status, run.scheduled_for) == (RunStatus.SUCCEEDED, at)
    last = await stored(rig)
    assert last.paused is not None
    assert (last.enabled, last.paused.reason) == (False, PauseReason.EXHAUSTED)


async def test_a_last_run_that_is_claimed_is_taken_back_by_a_pause(rig: Rig) -> None:
    await rig.create_project("p")
    at = rig.clock.present + 20 * SECOND
    await rig.create_trigger("p", lasts=MINUTE, schedule={"at": at.isoformat()})

    paused = await edit(rig, enabled=False)
    await rig.recover()

    [run] = await nothing_is_stuck(rig, project="p")
    assert (run.status, run.reason) == (RunStatus.CANCELLED, "the trigger was disabled")
    assert paused.paused is not None
    assert paused.paused.reason is PauseReason.DISABLED
    assert rig.executor.started == []


async def test_an_edit_sets_the_last_run_back_so_that_overlap_is_judged_by_what_ran(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(works=45 * SECOND)
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=90 * SECOND, schedule={"every": "30s"}, overlap="skip")
    first, *_ = await rig.runs("p")
    await rig.advance(first.due_at - rig.clock.present)
    await rig.deliver()

    edited = await edit(rig, input={"message": "new"})
    await rig.recover()

    runs = [run for run in await rig.runs("p") if run.status is not RunStatus.CANCELLED]
    assert [run.status for run in runs] == [RunStatus.SUCCEEDED, RunStatus.SKIPPED, RunStatus.SUCCEEDED]
    assert runs[1].blocked_by == runs[1].previous == first.id
    assert edited.generation > 1


async def test_a_pause_does_not_claim_a_fire_that_it_took_back(rig: Rig) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=5 * MINUTE, overlap="parallel")
    first, *_ = await rig.runs("p")
    await rig.advance(15 * SECOND)

    paused = await edit(rig, enabled=False)

    assert paused.last_run == first.id


async def _begun_early(rig: Rig) -> tuple[Trigger, Run, "asyncio.Task[Any]"]:
    """A trigger of three runs, the first of them at work for 20 s since a second before its fire time."""
    rig.executor.behaviour = lambda _: Behaviour(works=20 * SECOND)
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=35 * SECOND, overlap="parallel")
    first, *_ = await rig.runs("p")
    await rig.advance(first.due_at - rig.clock.present - SECOND)
    early = asyncio.create_task(rig.execute(delivery_of(first)))
    await rig.quiet()
    return trigger, first, early


async def test_a_claimed_run_that_began_a_moment_early_is_not_run_again_by_the_new_version(rig: Rig) -> None:
    trigger, first, early = await _begun_early(rig)

    await edit(rig, input={"message": "new"})
    await rig.recover()

    await early
    runs = await checked_runs(rig, trigger)
    assert [run.input.message for run in runs] == [None, "new", "new"]
    assert runs[0].id == first.id


async def test_a_run_that_began_early_and_was_then_cancelled_is_not_run_again_by_the_new_version(rig: Rig) -> None:
    trigger, first, early = await _begun_early(rig)
    await cancel(rig.services(), project="p", run=first.id, reason="not this one", by="ada")
    # As an edit that read the clock before the fire time, and the run after its end.
    before = replace(rig.services(), clock=SkewedClock(rig.clock, skew=-12 * SECOND))
    await rig.advance(12 * SECOND)
    await early

    await edit_trigger(before, project="p", trigger="t", changes={"input": {"message": "new"}}, by=AUTHOR)
    await rig.recover()

    runs = await checked_runs(rig, trigger)
    assert [run.status for run in runs] == [RunStatus.CANCELLED, RunStatus.SUCCEEDED, RunStatus.SUCCEEDED]
    assert (runs[0].id, len(runs[0].attempts)) == (first.id, 1)


async def test_a_run_cancelled_by_a_person_stays_cancelled_through_an_edit(rig: Rig) -> None:
    await rig.create_project("p")
    trigger = await rig.create_trigger("p", lasts=35 * SECOND, overlap="parallel")
    first, *_ = await rig.runs("p")
    await cancel(rig.services(), project="p", run=first.id, reason="not this one", by="ada")

    await edit(rig, name="Label only")
    await rig.recover()

    runs = await checked_runs(rig, trigger)
    assert [run.status for run in runs] == [RunStatus.CANCELLED, RunStatus.SUCCEEDED, RunStatus.SUCCEEDED]


async def test_an_edit_to_what_cannot_be_leaves_everything_as_it_is(rig: Rig) -> None:
    await rig.create_project("p")
    before = await rig.create_trigger("p", lasts=5 * MINUTE, overlap="parallel")
    runs = await rig.runs("p")

    with pytest.raises(InvalidArgument, match="no fire time"):
        await edit(rig, schedule={"at": (rig.clock.present - MINUTE).isoformat()})
    with pytest.raises(InvalidArgument, match="no agent"):
        await edit(rig, agent="nobody")
    with pytest.raises(NotFound):
        await edit_trigger(rig.services(), project="p", trigger="other", changes={"name": "x"}, by=AUTHOR)

    assert (await stored(rig), await rig.runs("p")) == (before, runs)
