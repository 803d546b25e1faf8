"""Conversations with a real Agent2Agent server: what is sent, followed, reported and returned."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from executors.a2a.a2a_server import serving_agent
from executors.a2a.deployment import executor, outcome_of
from executors.recorder import Recorder
from tock.core.errors import InvalidArgument
from tock.core.run.outcome import Failed, Succeeded, Usage
from tock.ports.executor import Ability, GivenAnswer, RunContext
from tock.ports.host import Previous, PreviousFailure

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "looking"])
async def test_the_run_becomes_a_task_and_its_artifacts_the_result(
    streaming: bool,  # noqa: FBT001 - a parameter of the test
    context_with: Callable[..., RunContext],
    recorder: Recorder,
) -> None:
    context = context_with(message="data")
    async with serving_agent(streaming=streaming) as (reviewer, address):
        outcome = await outcome_of(address, context)

    assert outcome == Succeeded(
        [{"name": "review", "value": {"stars": 5, "notes": ["a", 1.5]}}, {"name": "summary", "value": "See this."}]
    )
    (message,) = reviewer.messages
    assert message.message_id == context.idempotency_key("a2a")
    assert [part.text for part in message.parts if part.HasField("text")] == ["data"]
    assert reviewer.data == {
        "project": "acme",
        "run": "run-1",
        "attempt": 2,
        "trigger": "morning-digest",
        "agent": "digest",
        "source": "schedule",
        "input": {"repo": "tock", "größe": [1.0, 2.5, None]},
        "model": None,
        "ref": "main",
        "scheduled_for": "2027-03-28T01:00:00.250000Z",
        "time_zone": "Europe/Berlin",
        "deadline": "2027-03-28T01:05:00Z",
    }
    assert {data["name"] for kind, data in recorder.events if kind == "artifact"} == {"review", "summary"}
    states = [data["state"] for kind, data in recorder.events if kind == "progress"]
    assert states[-1] == "completed"
    if streaming:
        assert ("progress", {"state": "working", "text": "Reading."}) in recorder.events


async def test_a_broken_stream_is_no_reason_to_send_the_message_again(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    async with serving_agent(breaks_streams=True) as (reviewer, address):
        outcome = await outcome_of(address, context_with(message="chunks"))

    assert outcome == Succeeded("one two")
    assert len(reviewer.messages) == 1
    assert [text for level, text in recorder.logged if level == "warning" and "broke: Tock looks at it" in text]


async def test_a_server_that_is_to_know_is_told_how_earlier_runs_ended(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    recorder.before = Previous({"seen": 5}, PreviousFailure("broke", "It broke.", retryable=True))
    async with serving_agent() as (reviewer, address):
        await outcome_of(address, context_with(message="data"), previous=True)

    told = {"result": {"seen": 5}, "failure": {"type": "broke", "message": "It broke.", "retryable": True}}
    assert reviewer.data["previous"] == told


async def test_chunks_of_an_artifact_are_one_text(context_with: Callable[..., RunContext]) -> None:
    async with serving_agent() as (_, address):
        outcome = await outcome_of(address, context_with(message="chunks"))

    assert outcome == Succeeded("one two")


async def test_a_server_may_answer_without_a_task(context_with: Callable[..., RunContext], recorder: Recorder) -> None:
    async with serving_agent() as (_, address):
        outcome = await outcome_of(address, context_with(message="answer"))

    assert outcome == Succeeded("Just this.")
    assert recorder.events == [("message", {"role": "agent", "text": "Just this."})]


async def test_without_artifacts_the_last_word_is_the_result(context_with: Callable[..., RunContext]) -> None:
    async with serving_agent() as (_, address):
        outcome = await outcome_of(address, context_with(message="done"))

    assert outcome == Succeeded("I say done.")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("fail", ("task_failed", True, "The agent's task is failed: I say fail.")),
        ("reject", ("task_rejected", False, "The agent's task is rejected: I say reject.")),
        ("auth", ("auth_required", False, "The agent's task is auth-required: I say auth.")),
    ],
)
async def test_a_task_that_does_not_complete_fails_the_attempt(
    wanted: str, expected: tuple[str, bool, str], context_with: Callable[..., RunContext]
) -> None:
    async with serving_agent() as (_, address):
        outcome = await outcome_of(address, context_with(message=wanted))

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable, outcome.message) == expected


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "looking"])
async def test_what_the_server_says_last_in_its_metadata_is_what_the_task_consumed(
    streaming: bool,  # noqa: FBT001 - a parameter of the test
    context_with: Callable[..., RunContext],
    recorder: Recorder,
) -> None:
    async with serving_agent(streaming=streaming) as (_, address):
        await outcome_of(address, context_with(message="spend"))

    assert recorder.used == [Usage(7, 2, 0.5, "m")]


async def test_usage_that_is_none_goes_to_the_host_which_refuses_it(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    async with serving_agent() as (_, address):
        await outcome_of(address, context_with(message="misspend"))

    used: list[Any] = [usage.input_tokens for usage in recorder.used]
    assert used == ["many"]


async def test_a_later_leg_counts_what_the_task_consumed_since_the_one_before(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    answer = GivenAnswer(approved=None, note="", by="ada", at=datetime(2027, 3, 28, tzinfo=UTC), value="main")
    async with serving_agent() as (_, address):
        await outcome_of(address, context_with(message="spend and ask"))
        await outcome_of(address, context_with(message="spend and ask", state=recorder.states[-1], answer=answer))

    assert recorder.used == [Usage(3), Usage(5, 1)]


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "config.url"),
        ({"url": "http://agents.example.com"}, "config.url"),
        ({"url": "https://10.0.0.1"}, "config.url"),
        ({"url": "https://agents.example.com", "secret": "acme/TOKEN"}, "config.secret"),
        ({"url": "https://agents.example.com", "auth": {"bearer": "other/TOKEN"}}, "config.auth.bearer"),
        ({"url": "https://agents.example.com", "headers": {"Host": "x"}}, "config.headers.Host"),
        ({"url": "https://agents.example.com", "previous": 1}, "config.previous"),
    ],
    ids=str,
)
def test_what_cannot_run_is_refused_with_its_field(config: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        executor().check(config, project="acme")

    assert caught.value.field == field


def test_it_can_wait_and_be_resumed() -> None:
    assert executor().abilities({}) == {Ability.WAIT, Ability.RESUME, Ability.REF}
