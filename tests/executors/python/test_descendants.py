"""Nothing that a plain agent starts outlives its attempt, however it was started and however the attempt ends."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from executors.python.spawning_agents import WAYS, kill, marked
from executors.recorder import Recorder
from tock.executors.python.executor import PythonExecutor
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio


@pytest.fixture
def mark() -> Iterator[str]:
    """A mark that no other process has; what has it is killed after the test."""
    mark = str(uuid.uuid4().int)[:12]
    yield mark
    kill(mark)


async def _run(context: Any) -> Any:
    config = {"callable": "executors.python.spawning_agents:plain"}
    async with asyncio.timeout(TIMEOUT):
        return await PythonExecutor(modules=["executors.*"]).execute(config, context)


async def _cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("way", WAYS)
async def test_a_cancelled_attempt_leaves_no_process(way: str, mark: str, recorder: Recorder) -> None:
    context = recorder.context(input={"way": way, "mark": mark, "end": "waits"})
    task = asyncio.create_task(_run(context))
    await recorder.first_event()

    await _cancelled(task)

    assert marked(mark) == []


@pytest.mark.parametrize("end", ["ignores", "is its own subreaper"])
async def test_an_agent_that_resists_leaves_no_process(end: str, mark: str, recorder: Recorder) -> None:
    context = recorder.context(input={"way": "session", "mark": mark, "end": end})
    task = asyncio.create_task(_run(context))
    await recorder.first_event()

    await _cancelled(task)

    assert marked(mark) == []


@pytest.mark.parametrize("way", ["session", "daemon"])
@pytest.mark.parametrize("end", ["returns", "raises", "exits", "crashes"])
async def test_an_attempt_that_ends_by_itself_leaves_no_process(
    end: str, way: str, mark: str, recorder: Recorder
) -> None:
    await _run(recorder.context(input={"way": way, "mark": mark, "end": end}))

    assert recorder.events
    assert marked(mark) == []
