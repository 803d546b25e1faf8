"""Runs and agents whose stored document cannot be read: they end, and nothing waits for them."""

from datetime import timedelta
from typing import Any

import pytest

from app.rig import AGENT, AUTHOR, Rig, delivery_of, receipt_of
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.execution.execute import Receipt
from tock.app.start.run_now import RunOptions, run_agent
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import RunFilter

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAMAGE = {"queue_depth": "many"}
FOREVER = Behaviour(works=timedelta(hours=1))


async def damage(rig: Rig, run: Run, fields: dict[str, Any] = DAMAGE) -> None:
    await rig.firestore.document("projects", run.project, "runs", run.id).update(fields)


async def field(rig: Rig, run: Run, name: str) -> Any:
    stored = await rig.firestore.document("projects", run.project, "runs", run.id).get()
    return (stored.to_dict() or {}).get(name)


async def drop_tasks(rig: Rig) -> None:
    for task in await rig.waiting():
        await rig.tasks.delete_task(name=task.name)


async def test_a_delivery_of_a_run_that_cannot_be_read_does_nothing_and_the_sweep_ends_the_run(rig: Rig) -> None:
    run = await one_due_run(rig)
    await damage(rig, run)

    receipt = await rig.execute(delivery_of(run))
    await rig.advance(MINUTE)
    swept = await rig.tick()
    again = await rig.tick()

    assert (receipt, rig.executor.started) == (Receipt.NOTHING_TO_DO, [])
    assert (swept.rescued, swept.failed, again.rescued) == (1, 0, 0)
    assert await field(rig, run, "status") == RunStatus.FAILED
    assert await field(rig, run, "check_at") is None
    assert await field(rig, run, "expire_at") == await field(rig, run, "finished") + rig.timing.retention
    error = await field(rig, run, "error")
    assert (error["type"], "queue_depth" in error["message"]) == ("unreadable", True)
    failed = await rig.store.runs("p", matching=RunFilter(statuses=frozenset({RunStatus.FAILED})), limit=9, token=None)
    assert [found.id for found in failed.unreadable] == [run.id]


async def test_the_runner_of_a_run_that_can_no_longer_be_read_stops(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: FOREVER
    run = await one_due_run(rig)
    [runner] = await rig.deliver()

    await damage(rig, run)
    await rig.advance(rig.timing.heartbeat + 5 * SECOND)

    assert receipt_of(runner) is Receipt.LOST
    assert [started.stopped for started in rig.executor.started] == [True]
    await rig.advance(rig.timing.lease + MINUTE)
    await rig.tick()
    assert await field(rig, run, "status") == RunStatus.FAILED
    assert await field(rig, run, "lease") is None


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
async def test_the_run_after_one_that_cannot_be_read_starts(rig: Rig, overlap: str) -> None:
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=25 * SECOND, overlap=overlap)
    first, second = await rig.runs("p")
    await drop_tasks(rig)
    await damage(rig, first)
    await rig.advance(second.due_at - rig.clock.present)

    receipt = await rig.execute(delivery_of(second))

    assert receipt is Receipt.SETTLED
    assert [run.status for run in await rig.runs("p")] == [RunStatus.SUCCEEDED]


async def test_a_run_that_is_held_behind_one_that_cannot_be_read_is_promoted(rig: Rig) -> None:
    rig.executor.behaviour = lambda context: FOREVER if context.scheduled_for == first.scheduled_for else Behaviour()
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=25 * SECOND, overlap="queue")
    first, second = await rig.runs("p")
    await rig.advance(first.due_at - rig.clock.present)
    await rig.deliver()
    await rig.advance(10 * SECOND)
    await rig.deliver()
    assert (await rig.run(second)).status is RunStatus.HELD

    await damage(rig, first)
    await rig.advance(MINUTE)
    await rig.tick()
    await rig.advance(rig.timing.held_recheck)
    await rig.tick()
    await rig.deliver()

    assert (await rig.run(second)).status is RunStatus.SUCCEEDED


async def test_a_subject_is_free_when_the_run_that_holds_it_cannot_be_read(rig: Rig) -> None:
    await rig.create_project("p")
    options = RunOptions(subject="s")
    first = await run_agent(rig.services(), project="p", agent=AGENT, options=options, key=None, by=AUTHOR)
    await damage(rig, first.run)

    second = await run_agent(rig.services(), project="p", agent=AGENT, options=options, key=None, by=AUTHOR)
    await rig.deliver()

    assert (await rig.run(second.run)).status is RunStatus.SUCCEEDED


async def test_a_run_whose_agent_cannot_be_read_is_refused_with_what_to_do(rig: Rig) -> None:
    run = await one_due_run(rig)
    await rig.firestore.document("projects", "p", "agents", AGENT).update({"kind": 7})

    receipt = await rig.execute(delivery_of(run))

    refused = await rig.run(run)
    assert (receipt, refused.status, refused.attempts) == (Receipt.NOT_STARTED, RunStatus.FAILED, ())
    assert refused.error is not None
    assert (refused.error.type, refused.error.retryable) == ("agent_unreadable", False)
    assert refused.error.message.startswith(f"The agent '{AGENT}' is stored, but cannot be read: kind")
    assert refused.error.message.endswith("Then retry the run.")


async def test_many_runs_that_cannot_be_read_stop_no_other_repair(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tock.app.tick.sweep.PAGE", 3)
    await rig.create_project("p")
    await rig.create_trigger("p", lasts=75 * SECOND, overlap="parallel")
    runs = await rig.runs("p")
    await drop_tasks(rig)
    for run in runs[:-1]:
        await damage(rig, run)
    await rig.advance(3 * MINUTE)

    counters = await rig.tick()
    await rig.deliver()

    assert (len(runs), counters.rescued, counters.failed) == (7, 7, 0)
    assert [run.status for run in await rig.runs("p")] == [RunStatus.SUCCEEDED]
