"""Async agents that ask for a process of their own."""

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from executors.python.processes import runs, state
from executors.recorder import Recorder
from tock.core.errors import InvalidArgument
from tock.core.run.outcome import Failed, Succeeded, Usage
from tock.executors.python.executor import PythonExecutor
from tock.ports.executor import RunContext
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio


async def _run(function: str, context: Any, *, module: str = "isolated_agents") -> Any:
    config = {"callable": f"executors.python.{module}:{function}", "isolation": "process"}
    async with asyncio.timeout(TIMEOUT):
        return await PythonExecutor(modules=["executors.*"]).execute(config, context)


async def test_the_agent_runs_in_another_process(context: RunContext, recorder: Recorder) -> None:
    outcome = await _run("where", context)

    assert recorder.events == [("process", outcome.result)]
    assert outcome.result != os.getpid()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("returns_async", Succeeded({"a": 1}, usage=Usage(input_tokens=10, output_tokens=5, cost=0.25))),
        ("raises_async", Failed("AgentError", "Not now.", retryable=True, retry_after=timedelta(minutes=2))),
    ],
)
async def test_it_ends_as_in_the_event_loop(case: str, expected: Any, context_with: Callable[..., RunContext]) -> None:
    given = {"returns_async": "succeeded", "raises_async": "agent error"}[case]

    assert await _run(case, context_with(input={"case": given}), module="sample_agents") == expected


async def test_an_agent_that_cancels_itself_has_failed(context: RunContext) -> None:
    outcome = await _run("cancels_itself", context, module="sample_agents")

    assert (outcome.type, outcome.retryable) == ("CancelledError", True)


@pytest.mark.parametrize("function", ["swallows", "blocks", "waits_for_a_thread"])
async def test_an_agent_that_cannot_be_interrupted_is_killed(
    function: str, context: RunContext, recorder: Recorder
) -> None:
    task = asyncio.create_task(_run(function, context))
    process = await recorder.first_event()
    assert runs(process)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert state(process) is None


async def test_a_cancelled_agent_cleans_up(
    context_with: Callable[..., RunContext], recorder: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "cleaned"
    task = asyncio.create_task(_run("cleans_up", context_with(input={"file": str(file)})))
    process = await recorder.first_event()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert file.read_text(encoding="utf-8") == "cleaned, cancelled=True"
    assert state(process) is None


async def test_a_result_does_not_wait_for_what_the_agent_has_left(context: RunContext, recorder: Recorder) -> None:
    outcome = await _run("leaves_a_thread", context)

    assert outcome == Succeeded("done")
    assert state(await recorder.first_event()) is None


@pytest.mark.parametrize("isolation", ["thread", "PROCESS", "", True, 1, ["process"], {}])
def test_another_isolation_is_refused(isolation: object) -> None:
    config = {"callable": "executors.python.isolated_agents:where", "isolation": isolation}

    with pytest.raises(InvalidArgument) as refused:
        PythonExecutor(modules=["executors.*"]).check(config, project="acme")

    assert refused.value.field == "config.isolation"
    assert "'process'" in str(refused.value)


@pytest.mark.parametrize(
    ("function", "isolation"),
    [
        ("isolated_agents:where", "loop"),
        ("isolated_agents:where", "process"),
        ("isolated_agents:where", None),
        ("plain_agents:sleeps", "process"),
        ("plain_agents:sleeps", None),
    ],
)
def test_an_isolation_that_is_accepted(function: str, isolation: str | None) -> None:
    config = {"callable": f"executors.python.{function}", "isolation": isolation}

    PythonExecutor(modules=["executors.*"]).check(config, project="acme")


def test_the_loop_is_refused_for_a_plain_agent() -> None:
    config = {"callable": "executors.python.plain_agents:sleeps", "isolation": "loop"}

    with pytest.raises(InvalidArgument) as refused:
        PythonExecutor(modules=["executors.*"]).check(config, project="acme")

    assert (refused.value.field, refused.value.value) == ("config.isolation", "loop")
    assert "plain function" in str(refused.value)


async def test_an_async_agent_may_name_the_loop(context: RunContext) -> None:
    config = {"callable": "executors.python.isolated_agents:where", "isolation": "loop"}

    assert await PythonExecutor(modules=["executors.*"]).execute(config, context) == Succeeded(os.getpid())
