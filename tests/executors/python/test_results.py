"""The outcomes of an agent's return values and exceptions, in the event loop and in a child process."""

import os
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from executors.python.sample_agents import VALUES
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded, Usage
from tock.executors.python.executor import PythonExecutor
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio
AT = "2027-01-01T00:00:00Z"


async def _run(function: str, context: Any) -> Any:
    executor = PythonExecutor(modules=["executors.python.sample_agents"])
    return await executor.execute({"callable": f"executors.python.sample_agents:{function}"}, context)


#: Both ways for the cheap one, and a few cases in a child: each child costs a third of a second.
RESULTS = {
    "none": Succeeded(None),
    "object": Succeeded({"a": [1, 2.5, "ü", None, True]}),
    "model": Succeeded({"title": "news", "at": AT}),
    "dataclass": Succeeded({"read": 3, "at": AT}),
    "models in a list": Succeeded([{"title": "news", "at": AT}]),
    "succeeded": Succeeded({"a": 1}, usage=Usage(input_tokens=10, output_tokens=5, cost=0.25)),
    "failed": Failed("quota", "No quota.", retryable=True, retry_after=timedelta(seconds=90)),
    "largest": Succeeded(VALUES["largest"]),
}


@pytest.mark.parametrize("case", RESULTS)
async def test_a_result_of_an_async_agent(case: str, context_with: Callable[..., RunContext]) -> None:
    assert await _run("returns_async", context_with(input={"case": case})) == RESULTS[case]


@pytest.mark.parametrize("case", ["succeeded", "failed", "largest"])
async def test_a_result_of_a_plain_agent(case: str, context_with: Callable[..., RunContext]) -> None:
    assert await _run("returns", context_with(input={"case": case})) == RESULTS[case]


REFUSED = {
    "a set": "result_not_json",
    "bytes": "result_not_json",
    "number keys": "result_not_json",
    "not a number": "result_not_json",
    "a class": "result_not_json",
    "a lone surrogate": "result_not_json",
    "cancelled": "invalid_outcome",
    "too large": "result_too_large",
    "too large in umlauts": "result_too_large",
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_result_that_cannot_be_kept(case: str, context_with: Callable[..., RunContext]) -> None:
    outcome = await _run("returns_async", context_with(input={"case": case}))

    assert (outcome.type, outcome.retryable) == (REFUSED[case], False)


@pytest.mark.parametrize("case", ["a set", "too large"])
async def test_a_plain_agents_result_that_cannot_be_kept(case: str, context_with: Callable[..., RunContext]) -> None:
    outcome = await _run("returns", context_with(input={"case": case}))

    assert (outcome.type, outcome.retryable) == (REFUSED[case], False)


ERRORS = {
    "agent error": Failed("AgentError", "Not now.", retryable=True, retry_after=timedelta(minutes=2)),
    "final agent error": Failed("AgentError", "Never.", retryable=False),
    "value": Failed("ValueError", "wrong", retryable=True),
    "inner type": Failed("TypeError", "inner", retryable=True),
    "permission": Failed("PermissionError", "denied", retryable=False),
    "long": Failed("RuntimeError", "y" * 4000, retryable=True),
    "empty": Failed("RuntimeError", "RuntimeError", retryable=True),
    "surrogate": Failed("RuntimeError", "\ufffd", retryable=True),
    "exit": Failed("SystemExit", "0", retryable=True),
    "interrupt": Failed("KeyboardInterrupt", "KeyboardInterrupt", retryable=True),
}


@pytest.mark.parametrize("case", ERRORS)
async def test_an_exception_of_an_async_agent(case: str, context_with: Callable[..., RunContext]) -> None:
    assert await _run("raises_async", context_with(input={"case": case})) == ERRORS[case]


@pytest.mark.parametrize("case", ["agent error", "exit", "interrupt"])
async def test_an_exception_of_a_plain_agent(case: str, context_with: Callable[..., RunContext]) -> None:
    assert await _run("raises", context_with(input={"case": case})) == ERRORS[case]


@pytest.mark.parametrize("function", ["invalid", "invalid_async"])
async def test_invalid_data_is_final(function: str, context: RunContext) -> None:
    outcome = await _run(function, context)

    assert (outcome.type, outcome.retryable) == ("ValidationError", False)


@pytest.mark.parametrize("function", ["no_parameter", "two_parameters"])
async def test_a_wrong_signature_is_final(function: str, context: RunContext) -> None:
    outcome = await _run(function, context)

    assert (outcome.type, outcome.retryable) == ("TypeError", False)
    assert "the run as its only argument" in outcome.message


async def test_the_traceback_goes_to_the_log_only(
    context_with: Callable[..., RunContext], caplog: pytest.LogCaptureFixture
) -> None:
    outcome = await _run("raises_async", context_with(input={"case": "value"}))

    (record,) = [record for record in caplog.records if record.msg == "agent_raised"]
    assert (record.run, record.attempt) == ("run-1", 2)
    assert record.exception.startswith("Traceback (most recent call last):")
    assert "Traceback" not in outcome.message


async def test_an_agent_that_cancels_itself_has_failed(context: RunContext) -> None:
    outcome = await _run("cancels_itself", context)

    assert (outcome.type, outcome.retryable) == ("CancelledError", True)


async def test_a_configuration_that_is_no_longer_allowed_fails_for_good(context: RunContext) -> None:
    outcome = await PythonExecutor(modules=[]).execute({"callable": "executors.python.sample_agents:returns"}, context)

    assert (outcome.type, outcome.retryable) == ("invalid_config", False)


@pytest.mark.parametrize("function", ["echo", "echo_async", "coroutine_in_disguise"])
async def test_the_agent_gets_the_run(function: str, context: RunContext, recorder: Recorder) -> None:
    outcome = await _run(function, context)

    assert outcome == Succeeded(
        {
            "project": "acme",
            "run": "run-1",
            "attempt": 2,
            "trigger": "morning-digest",
            "agent": "digest",
            "source": "schedule",
            "message": "Digest of tock",
            "input": {"repo": "tock", "größe": [1, 2.5, None]},
            "model": None,
            "ref": "main",
            "scheduled_for": "2027-03-28T01:00:00.250000+00:00",
            "time_zone": "Europe/Berlin",
            "deadline": "2027-03-28T01:05:00+00:00",
            "key": context.idempotency_key("mail"),
            "cancelled": False,
        }
    )
    assert recorder.events == [("progress", {"read": 12}), ("bare", None)]


async def test_an_instance_with_an_async_call_runs_in_the_loop(context: RunContext) -> None:

    assert await _run("instance", context) == Succeeded({"process": os.getpid(), "run": "run-1"})


async def test_the_child_has_the_same_path_and_an_environment_without_what_is_tocks(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", ["/some/where", *sys.path, ""])
    monkeypatch.setenv("PYTHONPATH", "/original")
    monkeypatch.setenv("ACME_KEY", "7")
    agents = {name: value for name, value in os.environ.items() if not name.startswith("TOCK_")}
    for variable in ("TOCK_SECRETS", "TOCK_KEY", "TOCK_ADMIN_KEY_HASH", "TOCK_ANY"):
        monkeypatch.setenv(variable, '{"acme/CRM": "whsec_c2VjcmV0"}')

    outcome = await _run_plain("process_environment", context)

    assert outcome.result == {"path": sys.path, "environment": agents, "input": ""}


@pytest.fixture
def standard_input() -> Iterator[None]:
    """Something to read on this process's standard input."""
    kept = os.dup(0)
    source, sink = os.pipe()
    os.write(sink, b"meant for the parent")
    os.close(sink)
    os.dup2(source, 0)
    os.close(source)
    yield
    os.dup2(kept, 0)
    os.close(kept)


@pytest.mark.usefixtures("standard_input")
async def test_the_child_does_not_read_its_parents_input(context: RunContext) -> None:
    outcome = await _run_plain("process_environment", context)

    assert outcome.result["input"] == ""


async def _run_plain(function: str, context: RunContext) -> Any:
    config = {"callable": f"executors.python.plain_agents:{function}"}
    return await PythonExecutor(modules=["executors.*"]).execute(config, context)
