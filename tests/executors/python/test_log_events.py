"""What agents print, log and raise becomes log events of their runs, in the event loop and in processes."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from executors.python import logging_agents
from executors.recorder import Recorder
from tock.core.run.outcome import Succeeded
from tock.executors.python.agent_output import MAX_EVENTS, level_of
from tock.executors.python.executor import PythonExecutor
from tock.ports.executor import RunContext
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
LOOP, PROCESS, PLAIN = "loop", "process", "plain"
every_way = pytest.mark.parametrize("way", [LOOP, PROCESS, PLAIN])
FILE = Path(logging_agents.__file__)
NOTE = ("warning", "The attempt has printed more than 1024 KiB: the rest is only in the functions' log.")


async def _run(function: str, context: RunContext, *, way: str) -> Any:
    name = function if way == PLAIN else f"{function}_async"
    config = {"callable": f"executors.python.logging_agents:{name}"}
    if way != PLAIN:
        config["isolation"] = way
    async with asyncio.timeout(TIMEOUT):
        return await PythonExecutor(modules=["executors.*"]).execute(config, context)


async def _run_in_loop(name: str, context: RunContext) -> Any:
    config = {"callable": f"executors.python.logging_agents:{name}"}
    return await PythonExecutor(modules=["executors.*"]).execute(config, context)


@every_way
async def test_each_printed_line_is_an_event(way: str, context: RunContext, recorder: Recorder) -> None:
    assert await _run("prints", context, way=way) == Succeeded("done")

    assert [text for level, text in recorder.logged if level == "error"] == ["a problem"]
    assert [text for level, text in recorder.logged if level == "info"] == [
        "the first of run-1",
        "Größe",
        "",
        "after an empty line",
        "the last words",
    ]
    assert len(recorder.logged) == 6
    assert recorder.events == []


@every_way
async def test_each_record_is_an_event_of_its_level(way: str, context: RunContext, recorder: Recorder) -> None:
    await _run("logs", context, way=way)

    *plain, (level, failure) = recorder.logged
    assert plain == [
        ("info", "at 20"),
        ("warning", "at 30"),
        ("error", "at 40"),
        ("critical", "at 50"),
        ("warning", "at 35"),
        ("warning", "shown"),
    ]
    assert level == "error"
    assert failure.splitlines()[:2] == ["It failed:", "Traceback (most recent call last):"]
    assert failure.endswith("KeyError: 'absent'")


@pytest.mark.parametrize(
    ("number", "level"), [(0, "debug"), (10, "debug"), (25, "info"), (39, "warning"), (99, "critical")]
)
def test_a_level_between_two_is_the_lower_one(number: int, level: str) -> None:
    assert level_of(number) == level


@pytest.mark.parametrize("way", [PROCESS, PLAIN])  # pytest's own handler raises in the loop
async def test_a_record_that_cannot_be_formatted_is_told_as_python_does(
    way: str, context: RunContext, recorder: Recorder
) -> None:
    assert await _run("logs_badly", context, way=way) == Succeeded("done")

    assert "--- Logging error ---" in [text for level, text in recorder.logged if level == "error"]


async def test_attempts_that_share_the_loop_get_their_own_lines(recorder: Recorder) -> None:
    other = Recorder()

    await asyncio.gather(
        _run_in_loop("prints_in_turns", recorder.context(run="run-1")),
        _run_in_loop("prints_in_turns", other.context(run="run-2")),
    )

    for run, each in (("run-1", recorder), ("run-2", other)):
        assert each.logged == [
            *(("info", f"{run} {number}") for number in range(3)),
            ("info", f"{run} in a thread"),
            ("info", f"{run} in another thread"),
            ("warning", f"{run} in a task"),
        ]


async def test_other_output_of_the_process_stays_as_it_is(
    context: RunContext, recorder: Recorder, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await _run("prints", context, way=LOOP)
    before = len(recorder.logged)
    caplog.clear()

    print("of the process")  # noqa: T201 - what this is about
    sys.stderr.writelines(["a", "b\n"])
    logging.getLogger("somebody").warning("also of the process")

    assert capsys.readouterr() == ("of the process\n", "ab\n")
    assert [record.getMessage() for record in caplog.records] == ["also of the process"]
    assert len(recorder.logged) == before
    assert sys.stdout.encoding.lower() == "utf-8"


@every_way
async def test_what_is_printed_is_also_in_the_structured_log(
    way: str, context: RunContext, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="tock.agent"):
        await _run("prints", context, way=way)

    records = [record for record in caplog.records if record.name == "tock.agent"]
    assert {(vars(each)["run"], vars(each)["attempt"]) for each in records} == {("run-1", 2)}
    assert [each.getMessage() for each in records if vars(each)["stream"] == "stderr"] == ["a problem"]
    assert [each.getMessage() for each in records if vars(each)["stream"] == "stdout"] == [
        "the first of run-1",
        "Größe",
        "",
        "after an empty line",
        "the last words",
    ]


@every_way
async def test_after_a_mebibyte_one_event_says_that_the_rest_is_in_the_log(
    way: str, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="tock.agent"):
        await _run("prints_much", recorder.context(input={"lines": 1500}), way=way)

    *lines, last = recorder.logged
    assert set(lines) == {("info", "x" * 1023)}
    assert len(lines) == MAX_EVENTS // (1023 + 32)
    assert last == NOTE
    assert len([record for record in caplog.records if record.name == "tock.agent"]) == 1500


@every_way
async def test_a_long_line_is_one_event(way: str, context: RunContext, recorder: Recorder) -> None:
    await _run("prints_a_long_line", context, way=way)

    (first, second) = recorder.logged
    assert first[0] == "info"
    assert set(first[1]) == {"y"}
    assert len(first[1]) >= 4_000
    assert second == ("info", "short")


@every_way
async def test_the_exception_that_ends_an_attempt_is_one_event_without_tocks_frames(
    way: str, context: RunContext, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    await _run("fails", context, way=way)

    (before, (level, traceback)) = recorder.logged
    assert before == ("info", "before")
    assert level == "error"
    lines = traceback.splitlines()
    assert [line.split(", in ")[1] for line in lines if line.startswith('  File "')] == [
        "fails",
        "_fails_inside",
        *(["fails_async"] if way != PLAIN else []),
        "fails",
    ]
    assert all(str(FILE) in line for line in lines if line.startswith('  File "'))
    assert "KeyError: 'absent'" in lines
    assert lines[-2:] == ["ValueError: wrong", "in two lines"]
    (record,) = [record for record in caplog.records if record.msg == "agent_raised"]
    assert vars(record)["exception"] == traceback


@every_way
async def test_an_exception_that_tock_raises_shows_where_the_agent_asked(
    way: str, context: RunContext, recorder: Recorder
) -> None:
    recorder.failing = ValueError("refused")

    await _run("fails_in_tock", context, way=way)

    ((_, traceback),) = recorder.logged
    assert "run.checkpoint({1})" in traceback
    assert "/tock/" not in traceback


async def test_an_exception_with_code_of_its_own_does_no_harm(context: RunContext, recorder: Recorder) -> None:
    outcome = await _run_in_loop("fails_oddly", context)

    assert outcome.type == "Odd"
    ((level, traceback),) = recorder.logged
    assert level == "error"
    assert "Odd" in traceback


async def test_the_members_of_a_group_are_shown(context: RunContext, recorder: Recorder) -> None:
    recorder.failing = LookupError("in a task")

    await _run_in_loop("fails_as_a_group", context)

    ((_, traceback),) = recorder.logged
    assert "LookupError: in a task" in traceback
    assert "_fails_in_a_task" in traceback
    assert "/tock/" not in traceback


async def test_an_agent_that_cancels_itself_shows_where(context: RunContext, recorder: Recorder) -> None:
    await _run_in_loop("cancels_itself", context)

    ((_, traceback),) = recorder.logged
    assert traceback.endswith("CancelledError: by itself")


@every_way
async def test_an_attempt_that_is_stopped_has_its_last_words_and_no_traceback(
    way: str, context: RunContext, recorder: Recorder
) -> None:
    working = asyncio.create_task(_run("waits", context, way=way))
    await until(lambda: recorder.questions)

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert recorder.logged == [("info", "the last words")]


async def test_an_agent_whose_module_cannot_be_imported_shows_where(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    config = {"callable": "executors.python.broken_in_the_worker:agent"}

    outcome = await PythonExecutor(modules=["executors.*"]).execute(config, context_with())

    assert outcome.type == "RuntimeError"
    ((_, traceback),) = recorder.logged
    assert traceback.endswith("RuntimeError: not in a worker")


PROCESS_WITHOUT_HANDLERS = """
import asyncio, json, logging, sys
sys.path[:] = json.loads(sys.argv[1])
from executors.recorder import Recorder
from tock.bootstrap.structured_logging import log_to_stdout
from tock.core.mask import Mask
from tock.executors.python.executor import PythonExecutor
log_to_stdout(mask=Mask(["key-of-the-process"]))
recorder = Recorder()
agent = {"callable": "executors.python.logging_agents:" + sys.argv[2]}
asyncio.run(PythonExecutor(modules=["executors.*"]).execute(agent, recorder.context()))
logging.getLogger("somebody").info("hidden")
logging.getLogger("somebody").warning("says key-of-the-process")
print(json.dumps(recorder.logged))
"""


WARNING = {"severity": "WARNING", "message": "says ***"}


def _in_a_process_without_handlers(function: str) -> tuple[list[Any], str]:
    """Return the JSON lines that a process prints that logs as a deployed function does, and its standard error.

    The last line but one is a warning of a library, in which a secret is masked.
    """
    command = [sys.executable, "-c", PROCESS_WITHOUT_HANDLERS, json.dumps(sys.path), function]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr


def test_in_a_deployed_function_records_go_to_the_structured_log_once() -> None:
    (*lines, warning, logged), errors = _in_a_process_without_handlers("logs_async")

    records = [line for line in lines if "run" in line]
    assert [record["message"] for record in records] == [text for _, text in logged]
    assert [record["severity"].lower() for record in records] == [level for level, _ in logged]
    assert {(record["run"], record["attempt"]) for record in records} == {("run-1", 2)}
    assert (warning, errors) == (WARNING, "")


def test_in_a_deployed_function_what_is_printed_goes_to_the_structured_log_once() -> None:
    (*lines, warning, logged), errors = _in_a_process_without_handlers("prints_async")

    assert [record["message"] for record in lines] == [text for _, text in logged]
    assert [record["stream"] for record in lines].count("stderr") == 1
    assert (warning, errors) == (WARNING, "")
