"""Runs that nobody moves on are found, and repaired at once, without a tick."""

from datetime import timedelta

import pytest

from app.rig import AGENT, AUTHOR, Rig
from app.single_trigger import one_due_run
from tock.app.start.run_now import RunOptions, run_agent
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

    assert (len(found.runs), found.more, found.stuck) == (1, False, ())
    assert (await repair_stuck(rig.services(), project="p")).stuck == ()


async def test_a_run_whose_task_is_gone_gets_another_without_a_tick(rig: Rig) -> None:
    run = await one_due_run(rig)
    await _lose_tasks(rig)
    await rig.advance(5 * MINUTE)
    assert list(await _stuck(rig)) == [run.id]

    repaired = await repair_stuck(rig.services(), project="p")

    assert [each.run.id for each in repaired.stuck] == [run.id]
    assert await _stuck(rig) == {}
    [delivery] = await rig.waiting()
    assert run.id in delivery.http_request.body.decode()
    assert (await repair_stuck(rig.services(), project="p")).stuck == ()


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


async def test_the_oldest_is_found_behind_more_runs_than_are_listed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tock.app.pending_runs.PAGE", 1)
    monkeypatch.setattr("tock.app.pending_runs.MOST", 2)
    run = await one_due_run(rig)
    await _lose_tasks(rig)
    await rig.advance(5 * MINUTE)
    for _ in range(3):
        await run_agent(rig.services(), project="p", agent=AGENT, options=RunOptions(), key=None, by=AUTHOR)

    found = await find_stuck(rig.services(), project="p")

    assert (len(found.runs), found.more, [each.run.id for each in found.stuck]) == (2, True, [run.id])
    await repair_stuck(rig.services(), project="p")
    assert await _stuck(rig) == {}


async def test_a_run_that_cannot_be_read_is_ended_if_a_sweep_should_have_ended_it(rig: Rig) -> None:
    run = await one_due_run(rig)
    await _lose_tasks(rig)
    document = rig.firestore.document("projects", "p", "runs", run.id)
    await document.update({"overlap": "perhaps"})
    early = await repair_stuck(rig.services(), project="p")
    await rig.advance(5 * MINUTE)

    found = await repair_stuck(rig.services(), project="p")

    assert ([each.id for each in early.unreadable], early.unreadable_stuck) == ([run.id], ())
    assert [each.id for each in found.unreadable_stuck] == [run.id]
    assert (await document.get()).get("status") == "failed"
    assert (await find_stuck(rig.services(), project="p")).unreadable == ()


async def test_more_overdue_runs_than_are_looked_at_are_no_all_clear(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tock.app.tick.stuck_runs.MOST_OVERDUE", 1)
    await one_due_run(rig)
    await rig.create_project("q")
    await _lose_tasks(rig)
    assert not (await find_stuck(rig.services(), project="q")).more_stuck

    await rig.advance(5 * MINUTE)

    found = await find_stuck(rig.services(), project="q")
    assert (found.stuck, found.more_stuck) == ((), True)


async def test_the_runs_of_other_projects_are_left_alone(rig: Rig) -> None:
    run = await one_due_run(rig)
    await rig.create_project("q")
    await _lose_tasks(rig)
    await rig.advance(5 * MINUTE)

    assert (await repair_stuck(rig.services(), project="q")).stuck == ()
    assert list(await _stuck(rig)) == [run.id]
