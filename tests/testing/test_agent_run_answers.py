"""A run in the test's own process that goes on: answers, further legs and retries."""

from datetime import timedelta
from typing import Any

import pytest

import tock
import tock.testing
from tock.core.errors import InvalidArgument
from tock.core.run.outcome import OnDeadline
from tock.core.run.status import RunStatus


def asks(run: tock.SyncRunContext) -> Any:
    if run.answer is None:
        return run.request_approval("Publish?", deadline=timedelta(hours=2), on_deadline=OnDeadline.CONTINUE)
    return {"approved": run.answer.approved, "note": run.answer.note, "by": run.answer.by}


def test_a_run_waits_until_the_test_answers() -> None:
    waiting = tock.testing.run(asks)
    approved = tock.testing.run(asks, answers=[tock.testing.approve("go", by="user:ann@example.com")])
    rejected = tock.testing.run(asks, answers=[tock.testing.reject()])
    unanswered = tock.testing.run(asks, answers=[tock.testing.no_answer()])

    assert waiting.outcome == tock.Waiting(
        tock.WaitFor.APPROVAL, question="Publish?", deadline=timedelta(hours=2), on_deadline=OnDeadline.CONTINUE
    )
    assert approved.result == {"approved": True, "note": "go", "by": "user:ann@example.com"}
    assert rejected.result["approved"] is False
    assert (unanswered.result["approved"], unanswered.result["by"]) == (None, "deadline")
    assert [wait.question for wait in approved.waits] == ["Publish?"]


def test_inputs_and_callbacks_are_answered_with_values() -> None:
    async def agent(run: tock.RunContext) -> Any:
        if run.answer is None:
            assert run.callback is not None
            return tock.Waiting(tock.WaitFor.CALLBACK)
        if run.state is None:
            await run.checkpoint(run.answer.value)
            return tock.Waiting(tock.WaitFor.INPUT, question="Which?")
        return [run.state, run.answer.value]

    result = tock.testing.run(agent, answers=[tock.testing.call_back({"n": 1}), tock.testing.reply("both")])

    assert result.result == [{"n": 1}, "both"]


def test_an_answer_that_does_not_fit_and_one_that_nobody_asked_for_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"waits for approval: give `approve\(\)`"):
        tock.testing.run(asks, answers=[tock.testing.reply(1)])
    with pytest.raises(InvalidArgument, match="1 of the answers were not asked for: the run is succeeded"):
        tock.testing.run(asks, answers=[tock.testing.approve(), tock.testing.approve()])


def test_further_legs_and_retries_follow_at_once() -> None:
    async def agent(run: tock.RunContext) -> Any:
        legs = [*(run.state or ()), run.attempt]
        await run.checkpoint(legs)
        if run.attempt == 1:
            return tock.Continue(after=timedelta(days=3))
        if run.attempt == 2:
            raise ConnectionError("not yet")
        return legs

    once = tock.testing.run(agent)
    result = tock.testing.run(agent, retry={"max_retries": 1, "delay": "1h"})

    assert (once.status, once.error and once.error.type) == (RunStatus.FAILED, "ConnectionError")
    assert result.result == [1, 2, 3]
    assert result.checkpoints == ([1], [1, 2], [1, 2, 3])
    assert result.run.finished is not None
    assert result.run.finished - result.run.scheduled_for >= timedelta(days=3, hours=1)
