"""Async agents share a loop of their own: one that blocks it stops no caller, and is named."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from executors.python import sample_agents
from executors.recorder import Recorder
from tock.executors.python.executor import PythonExecutor
from tock.executors.python.shared_process import blocked_loop
from tock.ports.executor import RunContext
from waiting import until

pytestmark = pytest.mark.anyio


async def _run(function: str, context: Any) -> Any:
    config = {"callable": f"executors.python.sample_agents:{function}"}
    return await PythonExecutor(modules=["executors.*"]).execute(config, context)


@pytest.fixture(autouse=True)
def released() -> Iterator[threading.Event]:
    sample_agents.released.clear()
    yield sample_agents.released
    sample_agents.released.set()


async def test_an_agent_that_blocks_its_loop_does_not_block_the_callers(
    context: RunContext, recorder: Recorder, released: threading.Event
) -> None:
    blocking = asyncio.create_task(_run("blocks", context))
    await recorder.first_event()

    for _ in range(10):
        await asyncio.sleep(0.001)
    assert not blocking.done()
    released.set()

    assert (await blocking).result == "free"


@pytest.mark.slow
async def test_the_run_that_blocks_the_loop_is_named_and_the_others_learn_that_they_wait(
    context: RunContext,
    recorder: Recorder,
    released: threading.Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = Recorder()
    waiting = asyncio.create_task(_run("waits_async", other.context(run="run-2")))
    await other.first_event()

    blocking = asyncio.create_task(_run("blocks", context))
    await until(lambda: recorder.notices and other.notices)
    released.set()
    await blocking
    waiting.cancel()
    await asyncio.wait({waiting})

    [(kind, data), *_] = recorder.notices
    assert (kind, data["seconds"]) == ("run.loop_blocked", blocked_loop.BLOCKED_AFTER)
    assert "sample_agents.py" in data["where"] or "threading.py" in data["where"]
    assert other.notices == [("run.loop_waiting", {"seconds": blocked_loop.BLOCKED_AFTER})]
    logged = [record for record in caplog.records if record.msg == "event_loop_blocked"]
    assert [(record.__dict__["run"], record.__dict__["attempt"]) for record in logged[:1]] == [("run-1", 2)]


async def test_a_task_that_a_failed_agent_started_does_not_live_on(context: RunContext) -> None:
    outcome = await _run("starts_tasks", context)

    assert outcome.type == "RuntimeError"
    await until(sample_agents.left_behind[-1].done)
    assert sample_agents.left_behind[-1].cancelled()


async def test_an_agent_that_is_stopped_before_it_begins_never_begins(
    context: RunContext, recorder: Recorder, released: threading.Event
) -> None:
    blocking = asyncio.create_task(_run("blocks", context))
    await recorder.first_event()
    late = Recorder()
    stopped = asyncio.create_task(_run("echo_async", late.context(run="run-2")))
    await asyncio.sleep(0)

    stopped.cancel()
    await asyncio.sleep(0.01)
    released.set()
    await asyncio.wait({stopped, blocking})

    assert stopped.cancelled()
    assert late.events == []


async def test_agents_share_one_loop_so_that_they_may_share_clients(context: RunContext) -> None:
    first, second = await _run("loop_identity", context), await _run("loop_identity", context)

    assert first.result == second.result
    assert first.result["loop"] != id(asyncio.get_running_loop())
