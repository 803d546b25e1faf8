"""One run of one agent in the test's own process: what its run comes to, and what is refused."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import tock
import tock.testing
from tock.core.errors import InvalidArgument
from tock.core.run.status import RunStatus
from tock.definitions.registry import forget
from tock.manifest.problem import DefinitionsRefused

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
        tock.testing.run(plain_digest, **arguments)

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
