"""How a plain agent's process starts, works and ends."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from executors.python.processes import children, ends, runs, state
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded
from tock.executors.python.executor import PythonExecutor
from tock.executors.python.own_process.worker_protocol import context_to_frame, line
from tock.ports.executor import RunContext
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio


def _config(function: str) -> dict[str, str]:
    return {"callable": f"executors.python.plain_agents:{function}"}


async def _run(function: str, context: Any) -> Any:
    return await PythonExecutor(modules=["executors.*"]).execute(_config(function), context)


async def _process(recorder: Recorder) -> int:
    process: int = await recorder.first_event()
    assert runs(process)
    return process


@pytest.mark.parametrize("function", ["sleeps", "sleeps_in_c", "ignores_the_signal"])
async def test_a_cancelled_attempt_is_really_stopped(function: str, context: RunContext, recorder: Recorder) -> None:
    task = asyncio.create_task(_run(function, context))
    process = await _process(recorder)

    task.cancel()
    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(asyncio.CancelledError):
            await task

    assert state(process) is None


async def test_a_cancelled_attempt_takes_its_own_children_along(context: RunContext, recorder: Recorder) -> None:
    task = asyncio.create_task(_run("with_a_child", context))
    process = await _process(recorder)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ends(process)


async def test_a_timeout_stops_the_attempt(context: RunContext, recorder: Recorder) -> None:
    async def until_the_timeout(limit: asyncio.Timeout) -> None:
        async with limit:
            await _run("sleeps", context)

    limit = asyncio.timeout(None)
    task = asyncio.create_task(until_the_timeout(limit))
    process = await _process(recorder)

    limit.reschedule(0)
    with pytest.raises(TimeoutError):
        await task

    assert state(process) is None


async def test_a_task_group_that_repeats_its_cancellation_stops_the_attempt(
    context: RunContext, recorder: Recorder
) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(_run, "ignores_the_signal", context)
        process = await _process(recorder)
        group.cancel_scope.cancel()

    assert state(process) is None


async def test_a_second_cancellation_does_not_cut_the_stop_short(context: RunContext, recorder: Recorder) -> None:
    task = asyncio.create_task(_run("ignores_the_signal", context))
    process = await _process(recorder)

    task.cancel()
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert state(process) is None


async def test_an_attempt_cancelled_while_it_starts_leaves_no_process(context: RunContext) -> None:
    before = children(os.getpid())
    for delay in [0, 0.001, 0.005, 0.02, 0.1]:
        task = asyncio.create_task(_run("sleeps", context))
        await asyncio.sleep(delay)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert children(os.getpid()) == before


async def test_a_stopped_agent_cleans_up(
    context_with: Callable[..., RunContext], recorder: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "cleaned"
    task = asyncio.create_task(_run("cleans_up", context_with(input={"file": str(file)})))
    await _process(recorder)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert file.read_text(encoding="utf-8") == "cleaned, cancelled=True"


async def test_an_agent_sees_that_a_stop_was_asked_for(context: RunContext, recorder: Recorder) -> None:
    task = asyncio.create_task(_run("waits_to_be_asked", context))
    await _process(recorder)

    recorder.stop_asked = True

    assert await task == Succeeded("stopped when asked")


async def test_what_an_agent_prints_goes_to_the_log_and_not_into_the_protocol(
    context: RunContext, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="tock.agent"):
        outcome = await _run("prints", context)

    assert outcome == Succeeded("done")
    assert recorder.events == [("n", number) for number in range(200)]
    printed = [(record.stream, record.getMessage()) for record in caplog.records if record.name == "tock.agent"]
    assert [text for stream, text in printed if stream == "stderr"] == ["to stderr"]
    assert [text for stream, text in printed if stream == "stdout"] == [
        '{"outcome": {"status": "succeeded", "result": "forged", "usage": {}}}',
        "by descriptor",
        "by a child",
        *(f"{'x' * 1000} {number}" for number in range(200)),
        "the last words",
    ]
    assert {(record.run, record.attempt) for record in caplog.records if record.name == "tock.agent"} == {("run-1", 2)}


async def test_a_plain_agents_traceback_goes_to_the_log(context: RunContext, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="tock.agent"):
        outcome = await _run("raises", context)

    assert outcome == Failed("ValueError", "wrong", retryable=True)
    (record,) = [record for record in caplog.records if record.msg == "agent_raised"]
    assert vars(record)["exception"].startswith("Traceback (most recent call last):")


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
async def test_a_killed_process_is_a_failure_that_names_the_signal(
    name: str, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    outcome = await _run("kills_itself", context_with(input={"signal": name}))

    assert (outcome.type, outcome.retryable) == ("process_died", True)
    assert name in outcome.message
    assert recorder.logged == []


async def test_a_process_that_exits_without_a_result_is_a_failure(context: RunContext) -> None:
    message = "The agent's process ended with exit code 3 and gave no result."

    assert await _run("exits_hard", context) == Failed("process_died", message, retryable=True)


async def test_a_dead_process_is_noticed_although_a_fork_holds_its_line(
    context: RunContext, recorder: Recorder
) -> None:
    async with asyncio.timeout(TIMEOUT):
        outcome = await _run("forks_and_dies", context)

    assert outcome.type == "process_died"
    assert ends(dict(recorder.events)["process"])


@pytest.mark.parametrize("function", ["leaves_a_child", "lingers"])
async def test_nothing_outlives_the_attempt(function: str, context: RunContext, recorder: Recorder) -> None:
    assert await _run(function, context) == Succeeded("done")

    assert ends(dict(recorder.events)["process"])


async def test_an_event_that_is_no_json_or_too_long_is_sent_in_another_form_and_marked(
    context: RunContext, recorder: Recorder
) -> None:
    await _run("emits_too_much", context)
    await _run("emits_no_json", context)

    (big, beginning), (odd, text) = recorder.events
    assert (big, beginning) == ("big", "x" * (16 * 1024 - 2))
    assert (odd, text[:15]) == ("odd", "<object object ")
    assert recorder.replaced == ["big", "odd"]


async def test_what_an_agent_writes_to_tocks_own_connection_fails_the_attempt(context: RunContext) -> None:
    outcome = await _run("writes_to_the_connection", context)

    assert (outcome.type, outcome.retryable) == ("invalid_outcome", False)


PARENT = """
import asyncio, json, sys
sys.path[:] = json.loads(sys.argv[1])
from executors.recorder import Recorder
from tock.executors.python.own_process.worker_protocol import context_to_frame, line
from tock.executors.python.executor import PythonExecutor
class Printer(list):
    def append(self, event):
        print(event[1], flush=True)
context = Recorder(events=Printer()).context()
asyncio.run(PythonExecutor(modules=["executors.*"]).execute({"callable": sys.argv[2]}, context))
"""


@pytest.mark.parametrize("function", ["sleeps_in_c", "ignores_the_signal"])
def test_the_process_dies_with_a_killed_parent(function: str) -> None:
    command = [sys.executable, "-c", PARENT, json.dumps(sys.path), _config(function)["callable"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        assert runs(process)

        parent.send_signal(signal.SIGKILL)

        assert ends(process)


async def test_a_keeper_whose_parent_went_away_before_it_started_ends() -> None:
    command = [sys.executable, "-m", "tock.executors.python.own_process.keeper", "1", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()

    assert (process.returncode, errors) == (1, b"")


async def test_a_worker_ends_when_its_line_is_cut(context: RunContext) -> None:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "tock.executors.python.own_process.keeper", str(os.getpid()), str(theirs.fileno())]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with ours, theirs:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, pass_fds=[theirs.fileno()], start_new_session=True
        )
        theirs.close()
        start = {"path": sys.path, "source_folders": [], "python_path": None, "context": context_to_frame(context)}
        ours.sendall(line({**start, "callable": "executors.python.plain_agents:sleeps"}))
        assert b"process" in await asyncio.to_thread(ours.recv, 100)

    async with asyncio.timeout(TIMEOUT):
        assert await process.wait() == -signal.SIGKILL
