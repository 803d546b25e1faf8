"""A trigger that is disabled or deleted ends its unfinished runs by choice; one that comes again meets the others."""

from datetime import timedelta

import pytest

from app.checks import checked_runs
from app.faults import Crash, Fault, Kind
from app.rig import AUTHOR, Rig
from app.scripted_executor import DONE, Behaviour
from app.single_trigger import one_due_run
from tock.app.manage.triggers.delete_trigger import delete_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.start.run_now import RunOptions, run_trigger
from tock.core.errors import NotFound
from tock.core.run.outcome import Failed, WaitFor, Waiting
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.cancel_choice import CancelChoice

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
BUSY = Failed(type="busy", message="Come back.", retryable=True)


async def deliver(rig: Rig, *, seconds: int) -> None:
    for _ in range(seconds):
        await rig.deliver()
        await rig.advance(SECOND)


async def one_running_and_two_held(rig: Rig) -> list[Run]:
    """The first run is at work, the next two are held behind it, a fourth waits for its fire time."""
    rig.executor.behaviour = lambda _: Behaviour(works=4 * MINUTE)
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=10 * MINUTE, schedule={"every": "20s"}, overlap="queue", queue_depth=3)
    await rig.tick()
    await deliver(rig, seconds=65)
    runs = await rig.runs("p")
    assert [run.status.value for run in runs][:3] == ["running", "held", "held"]
    return runs


async def end(rig: Rig, *, how: str, cancel: CancelChoice) -> None:
    if how == "disable":
        changes = {"enabled": False}
        await edit_trigger(rig.services(), project="p", trigger="t", changes=changes, by=AUTHOR, cancel=cancel)
    else:
        await delete_trigger(rig.services(), project="p", trigger="t", by=AUTHOR, cancel=cancel)


@pytest.mark.parametrize("how", ["disable", "delete"])
@pytest.mark.parametrize(
    ("cancel", "statuses"),
    [
        (CancelChoice.PENDING, ["succeeded", "cancelled", "cancelled"]),
        (CancelChoice.ALL, ["cancelled", "cancelled", "cancelled"]),
        (CancelChoice.NONE, ["succeeded", "succeeded", "succeeded"]),
    ],
)
async def test_the_choice_says_which_of_its_runs_end_with_a_trigger(
    rig: Rig, how: str, cancel: CancelChoice, statuses: list[str]
) -> None:
    await one_running_and_two_held(rig)

    await end(rig, how=how, cancel=cancel)
    await rig.recover()

    runs = await rig.runs("p")
    assert [run.status.value for run in runs][:3] == statuses
    reasons = {run.reason for run in runs if run.status is RunStatus.CANCELLED}
    assert reasons == {f"the trigger was {how}d"}


async def test_a_run_that_waits_for_its_retry_ends_with_its_trigger_and_one_started_by_hand_does_not(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: Behaviour(BUSY if context.attempt == 1 else DONE)
    await rig.create_project("p")
    retry = {"max_retries": 1, "delay": "5m"}
    await rig.create_trigger("p", lasts=30 * SECOND, schedule={"every": "20s"}, retry=retry)
    await deliver(rig, seconds=25)
    by_hand = (
        await run_trigger(rig.services(), project="p", trigger="t", options=RunOptions(), key=None, by=AUTHOR)
    ).run

    await end(rig, how="disable", cancel=CancelChoice.PENDING)
    await rig.recover()

    scheduled = [run for run in await rig.runs("p") if run.id != by_hand.id]
    assert {run.status for run in scheduled} == {RunStatus.CANCELLED}
    assert (await rig.run(by_hand)).status is RunStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("cancel", "status"),
    [(CancelChoice.PENDING, RunStatus.WAITING), (CancelChoice.ALL, RunStatus.CANCELLED)],
)
async def test_a_run_that_waits_for_an_answer_ends_with_its_trigger_only_if_all_do(
    rig: Rig, cancel: CancelChoice, status: RunStatus
) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Waiting(WaitFor.APPROVAL))
    run = await one_due_run(rig)
    await rig.deliver()

    await end(rig, how="disable", cancel=cancel)

    assert (await rig.run(run)).status is status


async def test_a_deletion_that_dies_half_way_is_finished_by_the_next_one(rig: Rig) -> None:
    await one_running_and_two_held(rig)
    died = 0
    while True:
        process = rig.process(Fault(at=1, kind=Kind.CRASH_AFTER))
        ended = await rig.attempt(delete_trigger(rig.services(process), project="p", trigger="t", by=AUTHOR))
        if not isinstance(ended, Crash):
            break
        died += 1
    await rig.recover()

    # After the pause, after each cancellation, and after the deletion.
    assert (died, isinstance(ended, NotFound)) == (4, True)
    assert await rig.store.trigger("p", "t") is None
    assert [run.status.value for run in await rig.runs("p")][:3] == ["succeeded", "cancelled", "cancelled"]


async def test_a_second_pause_cancels_what_the_first_one_left(rig: Rig) -> None:
    await one_running_and_two_held(rig)

    await end(rig, how="disable", cancel=CancelChoice.NONE)
    await end(rig, how="disable", cancel=CancelChoice.PENDING)
    await rig.recover()

    assert [run.status.value for run in await rig.runs("p")][:3] == ["succeeded", "cancelled", "cancelled"]


@pytest.mark.parametrize(("overlap", "status"), [("skip", "skipped"), ("queue", "succeeded")])
async def test_a_trigger_that_is_deleted_and_created_again_meets_its_former_runs(
    rig: Rig, overlap: str, status: str
) -> None:
    rig.executor.behaviour = lambda _: Behaviour(works=25 * SECOND)
    await rig.create_project("p")
    first = await rig.create_trigger("p", lasts=10 * MINUTE, overlap=overlap)
    await deliver(rig, seconds=15)

    await delete_trigger(rig.services(), project="p", trigger="t", by=AUTHOR)
    again = await rig.create_trigger("p", lasts=15 * SECOND, overlap=overlap)
    await rig.recover()

    runs = await checked_runs(rig, again.model_copy(update={"created": first.created}))
    at_work = next(run for run in runs if run.generation == first.generation)
    new = [run for run in runs if run.generation == again.generation]
    assert at_work.status is RunStatus.SUCCEEDED
    assert new[0].status.value == status
    assert new[0].previous == at_work.id


async def test_there_is_nothing_to_delete_twice(rig: Rig) -> None:
    await one_running_and_two_held(rig)
    await end(rig, how="delete", cancel=CancelChoice.ALL)

    with pytest.raises(NotFound):
        await end(rig, how="delete", cancel=CancelChoice.ALL)
