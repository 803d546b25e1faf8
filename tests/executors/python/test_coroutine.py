"""How async agents are cancelled."""

import asyncio
from typing import Any

import anyio
import pytest

from executors.python import sample_agents
from executors.recorder import Recorder
from tock.executors.python.executor import PythonExecutor
from tock.executors.python.shared_process.agent_loop import agent_loop
from tock.ports.executor import RunContext
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio


async def _run(function: str, context: Any) -> Any:
    config = {"callable": f"executors.python.sample_agents:{function}"}
    return await PythonExecutor(modules=["executors.*"]).execute(config, context)


async def test_a_cancelled_agent_is_interrupted_and_cleans_up(context: RunContext, recorder: Recorder) -> None:
    task = asyncio.create_task(_run("waits_async", context))
    await recorder.first_event()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert recorder.events == [("started", None), ("interrupted", None)]


@pytest.fixture
def swallowing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_agents, "swallowing", True)


@pytest.mark.usefixtures("swallowing")
async def test_an_agent_that_swallows_its_cancellation_is_abandoned(
    context: RunContext, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    task = asyncio.create_task(_run("swallows", context))
    await recorder.first_event()

    task.cancel()
    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(asyncio.CancelledError):
            await task

    assert [record.msg for record in caplog.records] == ["agent_abandoned"]
    assert recorder.events == [("started", None), ("swallowed", None), ("swallowed", None)]
    await _let_it_end()
    assert ("too late", None) not in recorder.events


@pytest.mark.usefixtures("swallowing")
async def test_a_task_group_is_not_held_up_by_an_abandoned_agent(context: RunContext, recorder: Recorder) -> None:
    with anyio.move_on_after(TIMEOUT) as limit:
        async with anyio.create_task_group() as group:
            group.start_soon(_run, "swallows", context)
            await recorder.first_event()
            group.cancel_scope.cancel()

    assert not limit.cancelled_caught
    await _let_it_end()


async def _let_it_end() -> None:
    sample_agents.swallowing = False
    await until(lambda: not agent_loop().under_way())
