"""What the attempts of async agents leave in the process that they share: what is stopped, and what is said."""

import asyncio
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextvars import copy_context
from functools import partial
from typing import Any

import pytest

from executors.python import lingering_agents, spawning_agents
from executors.python.spawning_agents import WAYS, kill, marked
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded
from tock.executors.kept_process.child_processes import ChildProcess
from tock.executors.python.agent_output import AgentOutput
from tock.executors.python.executor import PythonExecutor
from tock.executors.python.shared_process.agent_task import OWNER, AgentTask
from tock.executors.python.shared_process.ending import end_processes
from tock.executors.python.shared_process.process_starts import process_starts
from tock.executors.python.shared_process.start_audit import note_starts
from tock.ports.abandoned_work import AbandonedWork
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio


@pytest.fixture
def abandoned() -> AbandonedWork:
    return AbandonedWork()


@pytest.fixture
def marks() -> Iterator[list[str]]:
    """Two marks that no other process has; what has them is killed after the test."""
    marks = [str(uuid.uuid4().int)[:12] for _ in range(2)]
    yield marks
    for mark in marks:
        kill(mark)


@pytest.fixture
async def _released() -> AsyncIterator[None]:
    """Nothing goes on after the test."""
    lingering_agents.RELEASE.clear()
    yield
    lingering_agents.RELEASE.set()


def _start(function: str, context: Any, *, abandoned: AbandonedWork) -> "asyncio.Task[Any]":
    executor = PythonExecutor(modules=["executors.*"], abandoned=abandoned)
    return asyncio.create_task(executor.execute({"callable": f"executors.python.{function}"}, context))


async def _cancel(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(asyncio.CancelledError):
            await task


def _spawning(mark: str, *, way: str = "session", end: str = "waits", run: str = "run-1") -> tuple[Recorder, Any]:
    recorder = Recorder()
    return recorder, recorder.context(run=run, input={"way": way, "mark": mark, "end": end})


@pytest.mark.parametrize(
    ("function", "way"),
    [
        *(("awaits", way) for way in WAYS),
        ("in_a_thread", "child"),
        ("in_a_thread", "session"),
        ("in_an_executor", "session"),
        ("spawns", "child"),
        ("with_multiprocessing", "child"),
    ],
)
async def test_a_cancelled_agent_leaves_no_process(
    function: str, way: str, marks: list[str], abandoned: AbandonedWork
) -> None:
    recorder, context = _spawning(marks[0], way=way)
    task = _start(f"spawning_agents:{function}", context, abandoned=abandoned)
    await recorder.first_event()

    await _cancel(task)

    assert marked(marks[0]) == []
    assert not abandoned.any()


@pytest.mark.parametrize("way", ["child", "session", "daemon"])
@pytest.mark.parametrize("end", ["returns", "raises"])
async def test_an_agent_that_ended_leaves_no_process(
    end: str, way: str, marks: list[str], abandoned: AbandonedWork
) -> None:
    recorder, context = _spawning(marks[0], way=way, end=end)

    await _start("spawning_agents:awaits", context, abandoned=abandoned)

    assert recorder.events
    assert marked(marks[0]) == []
    assert not abandoned.any()


async def test_an_orphan_whose_parent_ends_between_two_looks_is_found(
    marks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    note_starts()
    context = Recorder().context()
    attempt = AgentTask(context=context, output=AgentOutput(context), ended=asyncio.Future())
    inside = copy_context()
    inside.run(OWNER.set, attempt)
    words = ["sh", "-c", f"setsid sleep 600.{marks[0]} >/dev/null 2>&1 & read _"]
    parent = inside.run(partial(subprocess.Popen, words, stdin=subprocess.PIPE))
    find_unknown = process_starts().unknown

    def unknown_and_then_the_parent_ends() -> set[ChildProcess]:
        found = find_unknown()
        parent.communicate()
        return found

    monkeypatch.setattr(process_starts(), "unknown", unknown_and_then_the_parent_ends)
    found = attempt.processes_to_end()

    assert parent.pid in {process.id for process in found}
    monkeypatch.undo()
    assert {process.id for process in attempt.processes_to_end()} == set(marked(marks[0]))
    await end_processes(attempt)
    assert marked(marks[0]) == []


@pytest.mark.parametrize("function", ["awaits", "in_a_thread", "in_an_executor"])
@pytest.mark.parametrize("way", ["session", "multiplying"])
async def test_the_processes_of_another_run_live_on(
    way: str, function: str, marks: list[str], abandoned: AbandonedWork
) -> None:
    one, other = (_spawning(mark, way=way, run=f"run-{number}") for number, mark in enumerate(marks))
    tasks = [_start(f"spawning_agents:{function}", context, abandoned=abandoned) for _, context in (one, other)]
    for recorder, _ in (one, other):
        await recorder.first_event()

    await _cancel(tasks[0])

    assert marked(marks[0]) == []
    assert marked(marks[1]) != []
    assert not abandoned.any()
    await _cancel(tasks[1])
    assert marked(marks[1]) == []


async def test_an_orphan_that_may_be_another_runs_is_said_and_ends_with_that_run(
    marks: list[str], abandoned: AbandonedWork
) -> None:
    first, second = (
        _spawning(mark, way=way, run=f"run-{way}") for mark, way in zip(marks, ["daemon", "session"], strict=True)
    )
    tasks = [_start("spawning_agents:awaits", context, abandoned=abandoned) for _, context in (second, first)]
    for recorder, _ in (second, first):
        await recorder.first_event()

    await _cancel(tasks[1])

    [orphan] = marked(marks[0])
    assert abandoned.of(project="acme", run="run-daemon") == (f"the process {orphan} (sleep)",)
    assert abandoned.of(project="acme", run="run-session") == ()
    await _cancel(tasks[0])
    assert marked(marks[0]) == []
    assert not abandoned.any()


async def test_a_process_that_belongs_to_no_run_lives_on(marks: list[str], abandoned: AbandonedWork) -> None:
    recorder, context = _spawning(marks[0])
    task = _start("spawning_agents:shared", context, abandoned=abandoned)
    await recorder.first_event()

    await _cancel(task)

    assert len(marked(marks[0])) == 1
    assert not abandoned.any()
    kill(marks[0])
    spawning_agents.SHARED.pop().wait()


LEFT = {
    "calls_a_thread": "a thread in hold",
    "calls_the_executor": "a thread in hold",
    "calls_a_pool": "a thread in hold",
    "swallows": "the task swallows",
    "calls_a_thread_too_late": "the task calls_a_thread_too_late",
    "leaves_a_task_that_swallows": "the task of-the-agent",
}


@pytest.mark.slow
@pytest.mark.usefixtures("_released")
@pytest.mark.parametrize("function", LEFT)
async def test_what_cannot_be_stopped_is_said_until_it_ends(
    function: str, abandoned: AbandonedWork, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    task = _start(f"lingering_agents:{function}", recorder.context(), abandoned=abandoned)
    await recorder.first_event()

    await _cancel(task)

    [record] = [record for record in caplog.records if record.msg == "agent_abandoned"]
    assert (record.run, record.attempt, record.alive) == ("run-1", 2, [LEFT[function]])
    assert recorder.notices == [("run.work_abandoned", {"alive": [LEFT[function]]})]
    assert abandoned.of(project="acme", run="run-1") == (LEFT[function],)
    assert abandoned.of(project="acme", run="run-2") == abandoned.of(project="other", run="run-1") == ()
    lingering_agents.RELEASE.set()
    await until(lambda: not abandoned.any())
    assert abandoned.of(project="acme", run="run-1") == ()
    assert lingering_agents.TOO_LATE == []


@pytest.mark.usefixtures("_released")
async def test_a_thread_beside_a_failure_is_said(recorder: Recorder, abandoned: AbandonedWork) -> None:
    outcome = await _start("lingering_agents:fails_beside_a_thread", recorder.context(), abandoned=abandoned)

    assert isinstance(outcome, Failed)
    [words] = abandoned.of(project="acme", run="run-1")
    assert words.startswith("a thread in _leave_a_thread")


@pytest.mark.usefixtures("_released")
async def test_an_agent_that_succeeded_may_leave_a_thread(recorder: Recorder, abandoned: AbandonedWork) -> None:
    outcome = await _start("lingering_agents:succeeds_beside_a_thread", recorder.context(), abandoned=abandoned)

    assert outcome == Succeeded("done")
    assert not abandoned.any()


async def test_a_thread_that_waits_for_its_next_call_is_no_work(recorder: Recorder, abandoned: AbandonedWork) -> None:
    task = _start("lingering_agents:uses_pools", recorder.context(), abandoned=abandoned)
    await recorder.first_event()

    await _cancel(task)

    assert not abandoned.any()


async def test_a_task_beside_a_failure_is_cancelled(recorder: Recorder, abandoned: AbandonedWork) -> None:
    outcome = await _start("lingering_agents:gathers", recorder.context(), abandoned=abandoned)

    assert outcome == Failed("ValueError", "wrong", retryable=True)
    assert recorder.events == [("started", None), ("stopped", None)]
    assert not abandoned.any()


async def test_a_task_that_belongs_to_no_run_lives_on(recorder: Recorder, abandoned: AbandonedWork) -> None:
    await _start("lingering_agents:starts_a_task_for_all", recorder.context(), abandoned=abandoned)

    [shared] = lingering_agents.SHARED
    assert not shared.done()
    shared.cancel()
