"""Runs that nobody moves on are found, and repaired at once, without a tick."""

from datetime import timedelta

import pytest

from app.rig import Rig
from app.single_trigger import one_due_run
from tock.app.tick.stuck_runs import find_stuck, repair_stuck
from tock.core.run.status import RunStatus

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def _stuck(rig: Rig) -> dict[str, str]:
    found = await find_stuck(rig.services(), project="p")
    return {each.run.id: each.problem for each in found.stuck}


async def _lose_tasks(rig: Rig) -> None:
    for task in await rig.waiting():
        await rig.tasks.delete_task(name=task.name)


async def test_a_run_on_its_way_is_not_stuck(rig: Rig) -> None:
    await one_due_run(rig)
    await rig.advance(MINUTE)

    found = await find_stuck(rig.services(), project="p")

    assert (found.count, found.more, found.stuck) == (1, False, ())
    assert await repair_stuck(rig.services(), project="p") == ()


async def test_a_run_whose_task_is_gone_gets_another_without_a_tick(rig: Rig) -> None:
    run = await one_due_run(rig)
    await _lose_tasks(rig)
    await rig.advance(5 * MINUTE)
    assert list(await _stuck(rig)) == [run.id]

    repaired = await repair_stuck(rig.services(), project="p")

    assert [each.run.id for each in repaired] == [run.id]
    assert await _stuck(rig) == {}
    [delivery] = await rig.waiting()
    assert run.id in delivery.http_request.body.decode()
    assert await repair_stuck(rig.services(), project="p") == ()


async def test_a_run_that_no_sweep_would_look_at_is_moved_on_too(rig: Rig) -> None:
    run = await one_due_run(rig)
    await _lose_tasks(rig)
    await rig.firestore.document("projects", "p", "runs", run.id).update({"check_at": None})
    assert await _stuck(rig) == {run.id: "has no time at which a sweep looks at it"}

    await repair_stuck(rig.services(), project="p")
    await rig.advance(SECOND)
    await rig.deliver()
    await rig.recover()

    [settled] = await rig.runs("p")
    assert settled.status is RunStatus.SUCCEEDED


async def test_the_runs_of_other_projects_are_left_alone(rig: Rig) -> None:
    run = await one_due_run(rig)
    await rig.create_project("q")
    await _lose_tasks(rig)
    await rig.advance(5 * MINUTE)

    assert await repair_stuck(rig.services(), project="q") == ()
    assert list(await _stuck(rig)) == [run.id]
