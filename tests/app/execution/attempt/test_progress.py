"""Progress: how long an attempt may go on without a sign of it."""

from datetime import timedelta

import pytest

from app.execution.attempt.asked_evidence import MINUTE, SECOND, error_of
from app.rig import AGENT, Rig
from app.scripted_executor import Behaviour
from app.single_trigger import one_due_run
from tock.app.manage.agents import edit_agent
from tock.core.run.outcome import Succeeded, WaitFor, Waiting
from tock.core.run.status import AttemptStatus, RunStatus

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("by", ["agent", "trigger"])
async def test_an_attempt_without_progress_is_stopped_and_tried_again_like_one_that_timed_out(
    rig: Rig, by: str
) -> None:
    rig.executor.behaviour = lambda context: Behaviour(until_released=context.attempt == 1)
    spec = {"progress_every": "20s"} if by == "trigger" else {}
    run = await one_due_run(rig, retry={"max_retries": 1, "delay": "5s"}, timeout="5m", **spec)
    if by == "agent":
        changes = {"progress_every": timedelta(seconds=20)}
        await edit_agent(rig.services(), project="p", agent=AGENT, changes=changes, by="ada")

    await rig.deliver()
    await rig.advance(19 * SECOND)
    assert (await rig.run(run)).status is RunStatus.RUNNING
    await rig.advance(2 * SECOND)

    stored = await rig.run(run)
    [attempt] = stored.attempts
    assert attempt.error is not None
    assert (attempt.status, attempt.error.type, attempt.error.retryable) == (AttemptStatus.FAILED, "no_progress", True)
    assert "no progress for 0:00:20" in attempt.error.message
    assert rig.executor.started[0].stopped
    assert rig.executor.at_work == []
    await rig.recover()
    assert (await rig.run(run)).status is RunStatus.SUCCEEDED


SIGNS = {
    "an event": lambda context: context.emit("step", 1),
    "usage": lambda context: context.usage(input_tokens=1),
    "a line of output": lambda context: context.host.log("still here", level="info"),
}


@pytest.mark.parametrize("sign", SIGNS)
async def test_every_sign_of_progress_begins_the_time_anew(rig: Rig, sign: str) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig, progress_every="20s", retry={"max_retries": 0})
    await rig.deliver()

    for _ in range(4):
        await rig.advance(15 * SECOND)
        SIGNS[sign](rig.executor.contexts[-1])
    working = (await rig.run(run)).status
    await rig.advance(21 * SECOND)

    assert working is RunStatus.RUNNING
    assert error_of(await rig.run(run)) == (RunStatus.FAILED, "no_progress", True)


async def test_a_checkpoint_is_progress(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(until_released=True)
    run = await one_due_run(rig, progress_every="20s")
    await rig.deliver()

    await rig.advance(15 * SECOND)
    await rig.executor.contexts[-1].checkpoint({"step": 1})
    await rig.advance(15 * SECOND)

    assert (await rig.run(run)).status is RunStatus.RUNNING


async def test_a_waiting_run_shows_no_progress_and_need_not(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Waiting(WaitFor.CALLBACK))
    run = await one_due_run(rig, progress_every="20s")
    await rig.deliver()

    await rig.advance(10 * MINUTE)
    await rig.tick()

    assert (await rig.run(run)).status is RunStatus.WAITING


async def test_progress_that_is_asked_for_costs_no_write(rig: Rig) -> None:
    rig.executor.behaviour = lambda _: Behaviour(Succeeded("done"))
    await one_due_run(rig, progress_every="20s", evidence={"output_schema": {"type": "string"}})
    process = rig.process()

    await rig.deliver(rig.services(process))

    assert process.writes == {"change Run": 2}
    assert dict(process.reads) == {"run": 1, "agent": 1}
