"""What an agent can ask for while it works, in the event loop, in a process, and as a plain function."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from executors.python.processes import state
from executors.recorder import Recorder
from tock.core.errors import InvalidArgument, SessionMoved, StoreUnavailable
from tock.core.run.outcome import Continue, OnDeadline, Succeeded, Usage, WaitFor, Waiting
from tock.core.run.run_token import RunTokens
from tock.executors.callbacks import Callbacks
from tock.executors.python.executor import PythonExecutor
from tock.ports.executor import GivenAnswer, RunContext
from tock.ports.host import Message, Previous, PreviousFailure
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
AT = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
SHOWN = AT.isoformat()
LOOP, PROCESS, PLAIN = "loop", "process", "plain"
every_way = pytest.mark.parametrize("way", [LOOP, PROCESS, PLAIN])
NEWS = Message(number=1, kind="steer", message="Only the last day.", by="user:ann@example.com", at=AT)
SHOWN_NEWS = {"number": 1, "kind": "steer", "message": "Only the last day.", "by": "user:ann@example.com", "at": SHOWN}


async def _run(function: str, context: RunContext, *, way: str, callbacks: Callbacks | None = None) -> Any:
    name = function if way == PLAIN else f"{function}_async"
    config = {"callable": f"executors.python.asking_agents:{name}"}
    if way != PLAIN:
        config["isolation"] = way
    async with asyncio.timeout(TIMEOUT):
        return await PythonExecutor(modules=["executors.*"], callbacks=callbacks).execute(config, context)


@pytest.mark.parametrize(("way", "kind"), [(LOOP, "RunContext"), (PROCESS, "RunContext"), (PLAIN, "SyncRunContext")])
async def test_a_plain_agent_gets_a_run_whose_methods_block(way: str, kind: str, context: RunContext) -> None:
    assert await _run("kind_of_run", context, way=way) == Succeeded(kind)


@every_way
async def test_usage_adds_up(way: str, context: RunContext, recorder: Recorder) -> None:
    await _run("uses", context, way=way)

    assert recorder.used == [Usage(3, 4, 0.5, "small"), Usage(1)]


@pytest.mark.parametrize("way", [PROCESS, PLAIN])
async def test_usage_that_is_none_is_a_warning(way: str, context: RunContext, recorder: Recorder) -> None:
    assert await _run("misuses", context, way=way) == Succeeded("done")

    text = "Usage was left out, because its input_tokens is -1: give a whole number from 0."
    assert recorder.notices == [("run.warning", {"text": text})]


@every_way
async def test_what_is_saved_is_stored_at_once_and_the_next_attempt_gets_it(
    way: str, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    outcome = await _run("saves", context_with(state={"step": 0}), way=way)

    assert outcome == Succeeded({"step": 0})
    assert recorder.states == [{"step": 1}, {"step": 2}]


@pytest.mark.parametrize("way", [PROCESS, PLAIN])
async def test_a_state_that_is_no_json_is_refused(way: str, context: RunContext, recorder: Recorder) -> None:
    outcome = await _run("saves_what_is_no_json", context, way=way)

    assert outcome.result.startswith("state: is not JSON")
    assert recorder.states == []


@pytest.mark.parametrize("failing", [StoreUnavailable("It is down."), RuntimeError("a defect")])
@pytest.mark.parametrize("way", [PROCESS, PLAIN])
async def test_a_question_that_cannot_be_answered_holds_up_no_agent(
    failing: Exception, way: str, context: RunContext, recorder: Recorder
) -> None:
    recorder.failing = failing

    outcome = await _run("sees_that_nothing_is_saved", context, way=way)

    expected = str(failing) if isinstance(failing, StoreUnavailable) else "Tock could not answer 'checkpoint'"
    assert outcome.result.startswith(expected)


@every_way
async def test_a_refusal_of_the_host_names_the_field(way: str, context: RunContext, recorder: Recorder) -> None:
    recorder.failing = InvalidArgument(field="session", value=None, remedy="agents of this kind have no session")

    outcome = await _run("saves", context, way=way)

    assert (outcome.type, outcome.message) == ("InvalidArgument", "session: agents of this kind have no session")


async def test_a_plain_agent_that_asks_for_everything_imports_nothing_heavy(
    context: RunContext, recorder: Recorder
) -> None:
    recorder.signals.put_nowait(NEWS)
    recorder.before = Previous(result=1, failure=PreviousFailure("ValueError", "wrong", retryable=True))
    config = {"callable": "executors.python.light_agents:heavy_imports"}

    assert await PythonExecutor(modules=["executors.*"]).execute(config, context) == Succeeded([])


async def test_a_timeout_that_is_none_is_refused(context: RunContext) -> None:
    config = {"callable": "executors.python.light_agents:gives_a_number"}

    outcome = await PythonExecutor(modules=["executors.*"]).execute(config, context)

    assert (outcome.type, outcome.message) == ("InvalidArgument", "timeout: give a timedelta, or None to wait on")


@every_way
async def test_the_answer_of_the_leg_before(way: str, context_with: Callable[..., RunContext]) -> None:
    told = {"approved": True, "note": "Go on.", "by": "user:ann@example.com", "value": {"a": [1]}, "failed_since": True}

    outcome = await _run("reads_answer", context_with(answer=GivenAnswer(**told, at=AT)), way=way)

    assert outcome == Succeeded({**told, "at": SHOWN})


@every_way
async def test_how_earlier_runs_ended(way: str, context: RunContext, recorder: Recorder) -> None:
    recorder.before = Previous(result={"read": 3}, failure=PreviousFailure("ValueError", "wrong", retryable=True))

    outcome = await _run("reads_previous", context, way=way)

    failure = {"type": "ValueError", "message": "wrong", "retryable": True}
    assert outcome == Succeeded({"result": {"read": 3}, "failure": failure})


@every_way
async def test_no_earlier_run(way: str, context: RunContext) -> None:
    assert await _run("reads_previous", context, way=way) == Succeeded({"result": None, "failure": None})


@every_way
async def test_the_conversation_goes_on(way: str, context_with: Callable[..., RunContext], recorder: Recorder) -> None:
    recorder.conversation = ["hello"]

    outcome = await _run("talks_on", context_with(session="s-1"), way=way)

    assert outcome == Succeeded(["s-1", ["hello"]])
    assert recorder.conversation == ["hello", "more"]


@every_way
async def test_an_agent_learns_that_another_run_went_on_with_its_session(
    way: str, context: RunContext, recorder: Recorder
) -> None:
    recorder.failing = SessionMoved("s-1", run="run-7")

    assert await _run("finds_the_session_moved", context, way=way) == Succeeded(["s-1", "run-7"])


@every_way
async def test_an_approval_is_requested_by_what_is_returned(way: str, context: RunContext) -> None:
    outcome = await _run("asks_for_approval", context, way=way)

    assert outcome == Waiting(
        WaitFor.APPROVAL, question="Send it?", deadline=timedelta(hours=1), on_deadline=OnDeadline.REJECT
    )


@every_way
async def test_another_leg_is_asked_for_by_what_is_returned(way: str, context: RunContext) -> None:
    assert await _run("continues", context, way=way) == Continue(after=timedelta(minutes=5))


@every_way
async def test_a_message_reaches_an_agent_that_waits_for_one(way: str, context: RunContext, recorder: Recorder) -> None:
    working = asyncio.create_task(_run("listens", context, way=way))
    await until(lambda: recorder.questions == 1)

    recorder.signals.put_nowait(NEWS)

    assert await working == Succeeded([SHOWN_NEWS])


@every_way
async def test_a_message_that_comes_when_nobody_listens_is_not_lost(
    way: str, context: RunContext, recorder: Recorder
) -> None:
    working = asyncio.create_task(_run("listens_now_and_then", context, way=way))
    await until(lambda: len(recorder.events) > 2)

    await until(lambda: recorder.questions == 0)
    recorder.signals.put_nowait(NEWS)

    assert await working == Succeeded([SHOWN_NEWS])


@every_way
async def test_messages_that_come_as_the_agent_stops_to_listen_are_not_lost(
    way: str, context: RunContext, recorder: Recorder
) -> None:
    """The answer is on its way when the agent gives up: the agent's next call gets it."""
    recorder.late = NEWS

    assert await _run("listens_now_and_then", context, way=way) == Succeeded([SHOWN_NEWS])


@every_way
async def test_an_agent_that_waits_for_messages_is_stopped_and_can_save_its_state(
    way: str, context: RunContext, recorder: Recorder
) -> None:
    working = asyncio.create_task(_run("saves_when_stopped", context, way=way))
    process = await recorder.first_event()
    await until(lambda: recorder.questions == 1)

    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert recorder.states == [{"stopped": True}]
    assert recorder.events[1:] == [("saved", None)]
    await until(lambda: recorder.questions == 0)
    assert way == LOOP or state(process) is None


@pytest.mark.parametrize("way", [LOOP, PLAIN])  # tasks of an agent in a process end with its event loop
async def test_a_question_does_not_outlive_the_attempt(
    way: str, context_with: Callable[..., RunContext], recorder: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "seen"

    assert await _run("leaves_a_question", context_with(input={"file": str(file)}), way=way) == Succeeded("done")

    await until(lambda: file.exists() and file.read_text(encoding="utf-8"))
    assert file.read_text(encoding="utf-8") == "AttemptEnded"
    await until(lambda: recorder.questions == 0)


@every_way
async def test_an_agent_gets_what_a_service_needs_to_call_back(
    way: str, context: RunContext, recorder: Recorder
) -> None:
    callbacks = Callbacks(url="https://api.example.com/", tokens=RunTokens("k" * 32))

    outcome = await _run("waits_for_a_service", context, way=way, callbacks=callbacks)

    assert outcome == Waiting(WaitFor.CALLBACK)
    assert recorder.events == [("callback", asdict(callbacks.of_attempt(project="acme", run="run-1", attempt=2)))]


@every_way
async def test_a_wait_for_a_callback_that_the_deployment_does_not_take_is_refused(
    way: str, context: RunContext, recorder: Recorder
) -> None:
    outcome = await _run("waits_for_a_service", context, way=way)

    assert (outcome.type, outcome.retryable) == ("invalid_outcome", False)
    assert "TOCK_RUN_TOKEN_KEY and TOCK_API_URL" in outcome.message
    assert recorder.events == [("callback", None)]
