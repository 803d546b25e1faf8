"""The context of a conversation: it is kept however a task ends, and later runs and answers go on in it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from executors.a2a.a2a_server import serving_agent
from executors.a2a.deployment import outcome_of
from executors.recorder import Recorder
from tock.core.errors import SessionMoved
from tock.core.run.outcome import Succeeded, WaitFor, Waiting
from tock.executors.a2a.conversation import CANCEL_TIMEOUT
from tock.ports.executor import GivenAnswer, RunContext
from waiting import until

pytestmark = pytest.mark.anyio


async def test_a_task_that_asks_for_input_waits_and_the_answer_goes_into_it(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    answer = GivenAnswer(
        approved=None, note="", by="user:ann@example.com", at=datetime(2027, 3, 28, tzinfo=UTC), value="main"
    )
    async with serving_agent() as (reviewer, address):
        waiting = await outcome_of(address, context_with(message="ask"))
        (state,) = recorder.states
        outcome = await outcome_of(address, context_with(message="ask", state=state, answer=answer))

    assert waiting == Waiting(WaitFor.INPUT, question="Which branch?")
    assert outcome == Succeeded("You said main.")
    first, second = reviewer.messages
    assert second.task_id == state["task"]
    assert (second.context_id, first.message_id != second.message_id) == (state["context"], True)


async def test_a_resumed_run_sends_its_message_in_the_same_context(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    async with serving_agent() as (reviewer, address):
        await outcome_of(address, context_with(message="done", session="s-1"))
        saved = recorder.conversation
        await outcome_of(address, context_with(message="more", session="s-1", run="run-2"))

    first, second = reviewer.messages
    assert saved == {"context": first.context_id}
    assert second.context_id == first.context_id
    assert second.message_id != first.message_id


@pytest.mark.parametrize("wanted", ["fail", "reject", "ask"])
async def test_the_context_is_kept_however_the_task_ends(
    wanted: str, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    async with serving_agent() as (reviewer, address):
        await outcome_of(address, context_with(message=wanted, session="s-1"))

    (message,) = reviewer.messages
    assert recorder.conversation == {"context": message.context_id}


async def test_a_result_is_kept_although_its_context_is_not(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    recorder.failing = SessionMoved("s-1", run="run-9")
    async with serving_agent() as (_, address):
        outcome = await outcome_of(address, context_with(message="done", session="s-1"))

    assert outcome == Succeeded("I say done.")
    assert "run-9" in recorder.notices[0][1]["text"]


async def test_a_cancelled_attempt_cancels_its_task_and_keeps_its_context(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    async with serving_agent() as (reviewer, address):
        running = asyncio.create_task(outcome_of(address, context_with(message="hang", session="s-1")))
        await until(lambda: {"state": "working", "text": "Reading."} in [data for _, data in recorder.events])

        running.cancel()

        with pytest.raises(asyncio.CancelledError):
            await running
        assert len(reviewer.canceled) == 1
    assert recorder.conversation == {"context": reviewer.messages[0].context_id}


async def test_a_server_or_store_that_does_not_answer_does_not_hold_up_a_stop(
    context_with: Callable[..., RunContext], recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(recorder, "save_session", never)
    async with serving_agent() as (reviewer, address):
        monkeypatch.setattr(reviewer, "cancel", never)
        running = asyncio.create_task(outcome_of(address, context_with(message="hang", session="s-1")))
        await until(lambda: {"state": "working", "text": "Reading."} in [data for _, data in recorder.events])

        running.cancel()

        with pytest.raises(asyncio.CancelledError):
            await running
    took_longer = f"The attempt was stopped, and saving its context took longer than {CANCEL_TIMEOUT:g} s."
    assert recorder.notices == [("run.warning", {"text": took_longer})]
    assert [level for level, _ in recorder.logged] == ["warning"]
