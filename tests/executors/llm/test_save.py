"""What is kept of a conversation that did not come to its end: for the next attempt, and for who resumes the run."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, ToolCallPart, UserPromptPart
from pydantic_ai.models.test import TestModel

from executors.llm.llm_calls import MODEL, executor
from executors.llm.model_server import Call, ModelServer, Refuse, Say, serving_model
from executors.llm.test_executor import SCHEMA, message
from executors.llm.test_tools import APPROVED, CONFIG, NOTES, answered
from executors.recorder import Recorder
from tock.core.errors import StoreUnavailable
from tock.core.run.outcome import Failed, Succeeded, Waiting
from tock.executors.llm.deployment_models import McpServer
from tock.executors.llm.history import asked_last, has_calls_to_make
from tock.executors.llm.save import SAVE_STOPPED, save_unfinished
from tock.ports.executor import RunContext
from waiting import until

pytestmark = pytest.mark.anyio
Context = Callable[..., RunContext]
FIRST = {"message": "First?", "input": {}, "session": "s-1", "run": "run-1"}
RESUMED = {"message": "Then?", "input": {}, "session": "s-1", "run": "run-2"}
ASKED = ModelRequest(parts=[UserPromptPart("First?")])
SAID = ModelResponse(parts=[TextPart("one")])
CALLS = ModelResponse(parts=[ToolCallPart("drop", {"name": "plan"})])


def unanswered(server: ModelServer) -> set[str]:
    """Return the ids of the calls in the last request that have no result: a provider refuses them."""
    messages = server.requests[-1]["messages"]
    called = {call["id"] for each in messages for call in each.get("tool_calls") or ()}
    return called - {each["tool_call_id"] for each in messages if each["role"] == "tool"}


async def test_a_run_that_failed_for_good_is_resumed_with_its_conversation(context_with: Context) -> None:
    async with serving_model(Refuse(401), Say(["two"])) as server:
        failed = await executor(server).execute({"model": MODEL}, context_with(**FIRST))
        outcome = await executor(server).execute({"model": MODEL}, context_with(**RESUMED))

    assert isinstance(failed, Failed)
    assert (failed.retryable, outcome) == (False, Succeeded("two"))
    assert server.said == ["First?", "Then?"]


async def test_a_result_that_was_refused_is_closed_before_the_feedback(context_with: Context) -> None:
    wrong = Call([("final_result", {"title": "Tock", "stars": 9})])
    right = Call([("final_result", {"title": "Tock", "stars": 5})])
    config = {"model": MODEL, "output_schema": SCHEMA}
    async with serving_model(wrong, wrong, wrong, right) as server:
        failed = await executor(server).execute(config, context_with(**FIRST))
        outcome = await executor(server).execute(config, context_with(**RESUMED))

    assert isinstance(failed, Failed)
    assert (failed.type, outcome) == ("unusable_answer", Succeeded({"title": "Tock", "stars": 5}))
    assert server.said[-1] == "Then?"
    assert unanswered(server) == set()


async def stopped_in_its_answer(server: ModelServer, context: RunContext, recorder: Recorder) -> None:
    """Begin a run whose model says "one ", and stop it then."""
    server.answers.insert(0, Say(["one ", "two"], hold=asyncio.Event()))
    running = asyncio.create_task(executor(server).execute({"model": MODEL}, context))
    await until(lambda: recorder.events)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_run_that_was_stopped_is_resumed_from_what_its_model_said(
    context_with: Context, recorder: Recorder
) -> None:
    async with serving_model(Say(["done"])) as server:
        await stopped_in_its_answer(server, context_with(**FIRST), recorder)
        outcome = await executor(server).execute({"model": MODEL}, context_with(**RESUMED))

    assert outcome == Succeeded("done")
    said = [(each["role"], each["content"]) for each in server.requests[-1]["messages"]]
    assert [each for each in said if each[0] != "system"] == [
        ("user", "First?"),
        ("assistant", "one "),
        ("user", "Then?"),
    ]


@pytest.mark.parametrize("is_kept", [True, False], ids=["as its state", "as its session only"])
async def test_the_attempt_after_a_stopped_one_asks_the_same_again(
    is_kept: bool,  # noqa: FBT001 - a parameter of the test
    context_with: Context,
    recorder: Recorder,
) -> None:
    async with serving_model(Say(["done"])) as server:
        await stopped_in_its_answer(server, context_with(**FIRST), recorder)
        state = recorder.states[-1] if is_kept else None
        outcome = await executor(server).execute({"model": MODEL}, context_with(**FIRST, state=state))

    assert outcome == Succeeded("done")
    assert server.requests[1]["messages"] == server.requests[0]["messages"]


async def test_a_message_to_an_attempt_that_failed_reaches_the_next_one(
    context_with: Context, recorder: Recorder
) -> None:
    hold = asyncio.Event()
    config = {"model": MODEL, "output_schema": SCHEMA}
    right = Call([("final_result", {"title": "Tock", "stars": 5})])
    async with serving_model(Say(["no ", "result"], hold=hold), Refuse(503), right) as server:
        running = asyncio.create_task(executor(server).execute(config, context_with(**FIRST)))
        await until(lambda: recorder.events)
        recorder.signals.put_nowait(message(1, "steer", "In German."))
        await until(lambda: recorder.taken == 1)
        hold.set()
        failed = await running
        await executor(server).execute(config, context_with(**FIRST, state=recorder.states[-1]))

    assert isinstance(failed, Failed)
    assert failed.retryable
    assert server.said.count("In German.") == 1
    assert server.said.count("First?") == 1


async def test_a_run_that_ended_while_it_waited_is_resumed_without_its_call(context_with: Context) -> None:
    async with serving_model(Call([("drop", {"name": "plan"})]), Say(["kept"])) as server:
        llm = executor(server, servers={"notes": NOTES})
        waiting = await llm.execute(APPROVED, context_with(**FIRST))
        outcome = await llm.execute(APPROVED, context_with(**RESUMED))

    assert isinstance(waiting, Waiting)
    assert outcome == Succeeded("kept")
    assert server.said == ["First?", "Then?"]
    assert unanswered(server) == set()


async def test_a_run_whose_conversation_never_began_keeps_none(context_with: Context, recorder: Recorder) -> None:
    broken = McpServer(command=sys.executable, args=("-c", "raise SystemExit('no config')"))
    async with serving_model() as server:
        outcome = await executor(server, servers={"notes": broken}).execute(CONFIG, context_with(**FIRST))

    assert isinstance(outcome, Failed)
    assert (recorder.conversation, recorder.states) == (None, [])


async def test_a_run_that_added_nothing_leaves_the_conversation_as_it_was(
    context_with: Context, recorder: Recorder
) -> None:
    async with Agent(TestModel()).iter("Then?", message_history=[ASKED, SAID]) as run:
        await save_unfinished(run, context_with(**RESUMED), stopped=False)

    assert (recorder.conversation, recorder.states) == (None, [])


@pytest.mark.slow
async def test_an_approved_call_that_was_stopped_is_not_made_again(
    context_with: Context, recorder: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "ids"
    config = {**CONFIG, "approve": ["hang"]}
    async with serving_model(Call([("hang", {"file": str(file)})]), Say(["done"])) as server:
        llm = executor(server, servers={"notes": NOTES})
        await llm.execute(config, context_with(**FIRST))
        leg = context_with(**FIRST, state=recorder.states[-1], answer=answered(approved=True))
        running = asyncio.create_task(llm.execute(config, leg))
        await until(file.exists)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        outcome = await llm.execute(config, replace(leg, state=recorder.states[-1]))

    assert outcome == Succeeded("done")
    [told] = [each["content"] for each in server.requests[-1]["messages"] if each["role"] == "tool"]
    assert "interrupted" in told


async def test_a_result_is_kept_although_its_conversation_is_not(context_with: Context, recorder: Recorder) -> None:
    recorder.failing = StoreUnavailable("Firestore did not answer.")
    async with serving_model(Say(["one"])) as server:
        outcome = await executor(server).execute({"model": MODEL}, context_with(**FIRST))

    assert outcome == Succeeded("one")
    assert recorder.notices == [
        ("run.warning", {"text": "This run cannot be resumed: Firestore did not answer."}),
    ]


async def test_a_store_that_does_not_answer_does_not_hold_up_a_stop(
    context_with: Context, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def save_session(_state: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(recorder, "save_session", save_session)
    async with serving_model() as server:
        await stopped_in_its_answer(server, context_with(**FIRST), recorder)

    took_longer = f"The attempt was stopped, and saving its conversation took longer than {SAVE_STOPPED:g} s."
    assert recorder.notices == [("run.warning", {"text": took_longer})]


def names_in(folder: Path) -> set[str]:
    """Return the names of the files in a folder."""
    return {path.name for path in folder.iterdir()}


async def test_servers_that_do_not_end_by_themselves_are_ended_at_the_same_time(
    context_with: Context, recorder: Recorder, tmp_path: Path
) -> None:
    program = str(Path(__file__).with_name("pair_program.py"))
    pair = {
        name: McpServer(command=sys.executable, args=(program, str(tmp_path), name, other))
        for name, other in (("one", "two"), ("two", "one"))
    }
    config = {"model": MODEL, "tools": [{"mcp": name} for name in pair]}
    async with serving_model(Say(["one ", "two"], hold=asyncio.Event())) as server:
        running = asyncio.create_task(executor(server, servers=pair).execute(config, context_with(**FIRST)))
        await until(lambda: recorder.events)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    assert names_in(tmp_path) == {"one", "two", "one ended", "two ended"}


def test_an_answer_that_came_to_nothing_is_left_out_when_its_request_is_asked_again() -> None:
    assert asked_last([ASKED, SAID, ASKED, SAID]) == [ASKED, SAID, ASKED]
    assert asked_last([ASKED]) == [ASKED]
    assert asked_last([]) == []


def test_calls_that_nobody_has_begun_are_still_to_be_made() -> None:
    cut_off = ModelResponse(parts=CALLS.parts, state="interrupted")

    assert [
        has_calls_to_make(each) for each in ([ASKED, CALLS], [ASKED, cut_off], [ASKED, SAID], [CALLS, ASKED], [])
    ] == [*(True, False, False, False, False)]
