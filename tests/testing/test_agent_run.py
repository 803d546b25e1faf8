"""One run of one agent in the test's own process: what it sees, and what its run comes to."""

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import tock
import tock.testing
from tock.core.errors import InvalidArgument
from tock.core.run.outcome import OnDeadline
from tock.core.run.status import RunStatus
from tock.definitions.registry import forget
from tock.manifest.problem import DefinitionsRefused
from waiting import TIMEOUT

NIGHT = datetime(2027, 3, 28, 0, 50, tzinfo=UTC)


@dataclass
class Digest:
    text: str


async def async_digest(run: tock.RunContext) -> Digest:
    run.emit("progress", {"repo": run.input["repo"]})
    run.usage(input_tokens=10, output_tokens=2, cost=0.5, model="m")
    await run.checkpoint({"read": 1})
    return Digest(text=f"{run.message} at {run.scheduled_for:%H:%M}")


def plain_digest(run: tock.SyncRunContext) -> Digest:
    run.emit("progress", {"repo": run.input["repo"]})
    run.usage(input_tokens=10, output_tokens=2, cost=0.5, model="m")
    run.checkpoint({"read": 1})
    return Digest(text=f"{run.message} at {run.scheduled_for:%H:%M}")


@pytest.mark.parametrize("agent", [async_digest, plain_digest])
def test_a_run_shows_its_result_events_usage_and_checkpoints(agent: Callable[..., Any]) -> None:
    result = tock.testing.run(
        agent, payload={"repo": "acme/shop"}, message="Digest of {{payload.repo}}", scheduled_for=NIGHT
    )

    assert result.status is RunStatus.SUCCEEDED
    assert result.result == {"text": "Digest of acme/shop at 00:50"}
    assert result.emitted == (("progress", {"repo": "acme/shop"}),)
    assert result.checkpoints == ({"read": 1},)
    assert result.usage == tock.Usage(input_tokens=10, output_tokens=2, cost=0.5, model="m")
    assert result.outcome == tock.Succeeded({"text": "Digest of acme/shop at 00:50"}, usage=result.usage)
    assert [event.kind for event in result.events] == [
        "run.created",
        "run.started",
        "progress",
        "run.attempt_ended",
        "run.settled",
    ]


@pytest.mark.anyio
async def test_an_agent_shares_the_event_loop_of_the_test() -> None:
    asked, answered = asyncio.Queue[str](), asyncio.Queue[str]()

    async def agent(run: tock.RunContext) -> str:
        await asked.put(str(run.input["question"]))
        return await answered.get()

    running = asyncio.create_task(tock.testing.arun(agent, payload={"question": "6 x 7"}))
    question = await asked.get()
    await answered.put("42")

    assert (question, (await running).result) == ("6 x 7", "42")


@pytest.mark.anyio
async def test_in_an_event_loop_run_says_what_to_write() -> None:
    with pytest.raises(RuntimeError, match=r"await tock\.testing\.arun"):
        tock.testing.run(async_digest)


def test_what_a_deployment_refuses_as_a_result_fails_here_too() -> None:
    async def no_json(_run: tock.RunContext) -> object:
        return {1, 2}

    def nothing(_run: tock.SyncRunContext) -> None: ...

    def raises(_run: tock.SyncRunContext) -> None:
        raise ValueError("no repository")

    outcomes = [tock.testing.run(agent).outcome for agent in (no_json, nothing, raises, lambda: None)]

    assert all(isinstance(outcome, tock.Failed) for outcome in outcomes)
    assert [(each.type, each.retryable) for each in outcomes if isinstance(each, tock.Failed)] == [
        ("result_not_json", False),
        ("no_progress", False),
        ("ValueError", True),
        ("TypeError", False),
    ]


def test_a_traceback_begins_with_the_agents_own_code() -> None:
    def plain(_run: tock.SyncRunContext) -> None:
        raise ValueError("no repository")

    async def coroutine(_run: tock.RunContext) -> None:
        raise ValueError("no repository")

    for agent in (plain, coroutine):
        [told] = [event.data for event in tock.testing.run(agent).events if event.kind == "log"]
        lines = told["text"].splitlines()
        assert (told["level"], lines[0]) == ("error", "Traceback (most recent call last):")
        assert f"in {agent.__name__}" in lines[1]
        assert lines[-1] == "ValueError: no repository"


def test_a_definition_brings_its_evidence_along_and_what_misses_it_fails() -> None:
    @tock.agent("reader", evidence={"events": ["pull_request"], "min_tokens": 5}, timeout="9m")
    def reader(run: tock.SyncRunContext) -> Digest:
        if run.input.get("works"):
            run.emit("pull_request", 7)
            run.usage(input_tokens=5)
        return Digest(text="read")

    @tock.agent
    def misfit(_run: tock.SyncRunContext) -> Digest:
        return {"texts": []}  # type: ignore[return-value] # as some agents do

    forget(__name__)
    good, lazy, wrong = (
        tock.testing.run(reader, payload={"works": True}),
        tock.testing.run(reader),
        tock.testing.run(misfit),
    )

    assert (good.status, good.run.agent, good.run.timeout) == (RunStatus.SUCCEEDED, "reader", timedelta(minutes=9))
    assert lazy.error is not None
    assert (lazy.error.type, wrong.error and wrong.error.type) == ("no_evidence", "no_evidence")
    assert "pull_request" in lazy.error.message


def test_a_definition_that_tock_plan_refuses_is_refused() -> None:
    @tock.agent(concurrency=0)
    def agent(run: tock.SyncRunContext) -> None: ...

    forget(__name__)
    with pytest.raises(DefinitionsRefused) as refused:
        tock.testing.run(agent)

    assert [problem.field for problem in refused.value.problems] == ["concurrency"]


def test_an_agent_gets_the_context_that_the_test_gives() -> None:
    seen: dict[str, Any] = {}

    async def agent(run: tock.RunContext) -> str:
        seen.update(
            trigger=run.trigger,
            attempt=run.attempt,
            state=run.state,
            session=await run.load_session(),
            previous=await run.previous(),
            zone=run.time_zone,
            model=run.model,
            ref=run.ref,
            key=run.idempotency_key("pay"),
            messages=[(each.kind, each.message) for each in await run.messages()],
        )
        await run.save_session([*seen["session"], "two"])
        return "done"

    previous = tock.testing.Previous(
        result={"seen": 3}, failure=tock.testing.PreviousFailure("TimeoutError", "too slow", retryable=True)
    )
    result = tock.testing.run(
        agent,
        trigger="nightly",
        attempt=3,
        state={"at": 5},
        session=["one"],
        previous=previous,
        messages=["be brief"],
        follow_ups=["and then sleep"],
        model="small",
        ref="main",
        time_zone="Europe/Berlin",
    )

    assert result.status is RunStatus.SUCCEEDED, result.error
    assert seen.pop("key")
    assert seen == {
        "trigger": "nightly",
        "attempt": 3,
        "state": {"at": 5},
        "session": ["one"],
        "previous": previous,
        "zone": "Europe/Berlin",
        "model": "small",
        "ref": "main",
        "messages": [("steer", "be brief"), ("follow_up", "and then sleep")],
    }
    assert result.session == ["one", "two"]
    assert result.run.source == "schedule"


def test_a_plain_agent_can_do_all_that_an_async_one_can() -> None:
    def able(run: tock.SyncRunContext) -> Any:
        first = [each.message for each in run.messages()]
        later = run.messages(timeout=timedelta(milliseconds=1))
        run.save_session([*run.load_session(), *first])
        return {"later": list(later), "failed": run.previous().failure is not None, "cancelled": run.cancelled}

    result = tock.testing.run(able, session=["one"], messages=["two"])

    assert result.result == {"later": [], "failed": False, "cancelled": False}
    assert result.session == ["one", "two"]


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


def test_a_timeout_stops_an_agent() -> None:
    stopped = threading.Event()

    async def waits(_run: tock.RunContext) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    def blocks(run: tock.SyncRunContext) -> None:
        while not run.cancelled:
            stopped.wait(0.01)

    for agent in (waits, blocks):
        result = tock.testing.run(agent, timeout="1s")
        assert (result.status, result.error and result.error.type) == (RunStatus.TIMED_OUT, "timed_out")
    assert stopped.is_set()


def test_a_plain_agent_that_does_not_end_at_its_timeout_can_do_nothing_more() -> None:
    ended, told = threading.Event(), queue.Queue[str]()

    def deaf(run: tock.SyncRunContext) -> None:
        ended.wait()
        try:
            run.emit("progress", "late")
            run.checkpoint("late")
        except Exception as exc:  # noqa: BLE001 - the test looks at its class
            told.put(type(exc).__name__)

    result = tock.testing.run(deaf, timeout="1s")
    ended.set()

    assert told.get(timeout=TIMEOUT) == "AttemptEnded"
    assert (result.status, result.emitted, result.checkpoints) == (RunStatus.TIMED_OUT, (), ())


def test_secrets_are_masked_in_everything_that_an_agent_says() -> None:
    secret = "correct-horse-battery"

    async def agent(run: tock.RunContext) -> str:
        run.emit("progress", {secret: secret})
        await run.checkpoint(secret)
        return f"key {secret}, token {run.callback.token if run.callback else ''}"

    result = tock.testing.run(agent, secrets={"hook": secret})

    assert result.result == "key ***, token ***"
    assert (result.emitted, result.checkpoints) == ((("progress", {"***": "***"}),), ("***",))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"timeout": "30m"}, "timeout"),
        ({"attempt": 0}, "attempt"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"scheduled_for": "2027-01-01T09:00"}, "scheduled_for"),
        ({"payload": ["no object"]}, "input.payload"),
        ({"retry": {"max_retries": 99}}, "retry.max_retries"),
        ({"state": {1, 2}}, "state"),
    ],
)
def test_a_wrong_argument_is_named_with_a_remedy(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        tock.testing.run(asks, **arguments)

    assert refused.value.field == field
    assert refused.value.remedy


def test_a_limit_of_concurrency_is_no_obstacle_to_one_run() -> None:
    @tock.agent("limited", concurrency=1)
    def limited(_run: tock.SyncRunContext) -> str:
        return "done"

    forget(__name__)

    assert tock.testing.run(limited).result == "done"


def test_what_is_no_agent_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="give a function"):
        tock.testing.run("acme.agents:digest")  # type: ignore[arg-type] # as people write it
