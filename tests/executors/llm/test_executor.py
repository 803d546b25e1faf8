"""A conversation with a model: what is asked, reported, counted and returned."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from executors.llm.llm_calls import MODEL, SECRETS, executor
from executors.llm.model_server import KEY, Call, Refuse, Say, serving_model
from executors.recorder import Recorder
from tock.core.errors import SessionMoved
from tock.core.run.outcome import Failed, Succeeded, Usage
from tock.ports.executor import Ability, RunContext
from tock.ports.host import Message, Previous, PreviousFailure
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "stars": {"type": "integer", "maximum": 5}},
    "required": ["title", "stars"],
}


def message(number: int, kind: str, text: str) -> Message:
    return Message(number, kind, text, "user:ann@example.com", datetime(2027, 3, 28, 1, tzinfo=UTC))


async def test_the_models_text_is_the_result_and_each_step_an_event(context: RunContext, recorder: Recorder) -> None:
    async with serving_model(Say(["Tock is ", "new."])) as server:
        outcome = await executor(server).execute({"model": MODEL, "instructions": "Be brief."}, context)

    assert outcome == Succeeded("Tock is new.")
    assert recorder.events == [
        ("progress", {"text": "Tock is "}),
        ("message", {"role": "assistant", "text": "Tock is new."}),
    ]
    assert recorder.used == [Usage(10, 5, 0.0, MODEL)]
    assert server.said == ['Digest of tock\n\n{\n "repo": "tock",\n "größe": [\n  1,\n  2.5,\n  null\n ]\n}']
    about = (
        "This run is for 2027-03-28T03:00:00.250000+02:00 (Europe/Berlin); its trigger is morning-digest, and its "
        "source is schedule."
    )
    assert server.requests[0]["messages"][0] == {"role": "system", "content": f"Be brief.\n\n{about}"}
    assert server.keys == [f"Bearer {KEY}"]


async def test_a_run_on_request_says_that_it_has_no_trigger(context_with: Callable[..., RunContext]) -> None:
    requested = context_with(trigger=None, source="manual", time_zone="UTC")
    async with serving_model(Say(["Now."])) as server:
        await executor(server).execute({"model": MODEL}, requested)

    about = "This run is for 2027-03-28T01:00:00.250000+00:00 (UTC); it has no trigger, and its source is manual."
    assert server.requests[0]["messages"][0] == {"role": "system", "content": about}


async def test_a_model_that_is_to_know_is_told_how_earlier_runs_ended(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    recorder.before = Previous({"seen": 5}, PreviousFailure("broke", "It broke.", retryable=True))
    async with serving_model(Say(["Six."])) as server:
        await executor(server).execute({"model": MODEL, "previous": True}, context_with(input={}))

    [prompt] = server.said
    text, _, told = prompt.partition("\n\nEarlier runs ended so:\n")
    assert text == "Digest of tock"
    assert json.loads(told) == {
        "result": {"seen": 5},
        "failure": {"type": "broke", "message": "It broke.", "retryable": True},
    }


async def test_the_run_may_ask_for_another_model(context_with: Callable[..., RunContext], recorder: Recorder) -> None:
    async with serving_model(Say(["hello"])) as server:
        outcome = await executor(server).execute({"model": MODEL}, context_with(model="openai-chat:gpt-other"))

    assert outcome == Succeeded("hello")
    assert server.requests[0]["model"] == "gpt-other"
    assert recorder.used == [Usage(10, 5, 0.0, "openai-chat:gpt-other")]


async def test_without_a_network_the_test_model_answers(context: RunContext) -> None:
    outcome = await executor().execute({"model": "test", "output_schema": SCHEMA}, context)

    assert isinstance(outcome, Succeeded)
    assert set(outcome.result) == {"title", "stars"}


async def test_the_agents_own_key_goes_only_to_its_own_provider(context_with: Callable[..., RunContext]) -> None:
    config = {"model": MODEL, "key": "acme/KEY"}
    async with serving_model(Say(["a"])) as server:
        await executor(server).execute(config, context_with())
        other = await executor(server).execute(config, context_with(model="openai:gpt-test"))

    assert server.keys == [f"Bearer {SECRETS['acme/KEY']}"]
    assert isinstance(other, Failed)
    assert (other.type, other.retryable) == ("invalid_config", False)
    assert "model: the deployment has no key for 'openai'" in other.message


async def test_a_result_that_does_not_fit_is_corrected(context: RunContext, recorder: Recorder) -> None:
    wrong, right = {"title": "Tock", "stars": 9}, {"title": "Tock", "stars": 5}
    async with serving_model(Call([("final_result", wrong)]), Call([("final_result", right)])) as server:
        outcome = await executor(server).execute({"model": MODEL, "output_schema": SCHEMA}, context)

    assert outcome == Succeeded(right)
    assert "$.stars: 9 is greater than the maximum of 5" in str(server.requests[1]["messages"])
    assert sum(usage.input_tokens for usage in recorder.used) == 20


async def test_a_result_that_never_fits_fails_the_run_and_its_tokens_count(
    context: RunContext, recorder: Recorder
) -> None:
    wrong = Call([("final_result", {"title": "Tock", "stars": 9})])
    async with serving_model(wrong, wrong, wrong) as server:
        outcome = await executor(server).execute({"model": MODEL, "output_schema": SCHEMA}, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("unusable_answer", False)
    assert sum(usage.input_tokens for usage in recorder.used) == 30


@pytest.mark.parametrize(
    ("answer", "expected", "wait"),
    [
        (Refuse(429, headers={"retry-after": "7"}), ("http_429", True), timedelta(seconds=7)),
        (Refuse(503), ("http_503", True), None),
        (Refuse(500), ("http_500", True), None),
        (Refuse(401, message=f"Incorrect key {KEY[:6]}"), ("http_401", False), None),
        (Refuse(400), ("http_400", False), None),
        (Refuse(404), ("http_404", False), None),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Refuse) else "",
)
async def test_an_error_of_the_provider_fails_the_attempt_after_one_request(
    answer: Refuse, expected: tuple[str, bool], wait: timedelta | None, context: RunContext
) -> None:
    async with serving_model(answer) as server:
        outcome = await executor(server).execute({"model": MODEL}, context)

    assert isinstance(outcome, Failed)
    assert ((outcome.type, outcome.retryable), outcome.retry_after) == (expected, wait)
    assert len(server.requests) == 1


async def test_an_unreachable_provider_is_retryable(context: RunContext) -> None:
    async with serving_model() as server:
        pass

    outcome = await executor(server).execute({"model": MODEL}, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("connection_failed", True)


async def test_what_was_consumed_before_a_failure_counts(context: RunContext, recorder: Recorder) -> None:
    wrong = Call([("final_result", {"title": "Tock", "stars": 9})])
    async with serving_model(wrong, Refuse(503)) as server:
        outcome = await executor(server).execute({"model": MODEL, "output_schema": SCHEMA}, context)

    assert isinstance(outcome, Failed)
    assert recorder.used == [Usage(10, 5, 0.0, MODEL)]


@pytest.mark.parametrize(
    ("limits", "reached"),
    [({"output_tokens": 4}, "output_tokens_limit of 4"), ({"total_tokens": 14}, "total_tokens_limit of 14")],
)
async def test_an_exceeded_limit_is_final_and_what_it_cost_counts(
    limits: dict[str, int], reached: str, context: RunContext, recorder: Recorder
) -> None:
    async with serving_model(Say(["long"])) as server:
        outcome = await executor(server).execute({"model": MODEL, "limits": limits}, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("usage_limit", False)
    assert reached in outcome.message
    assert recorder.used == [Usage(10, 5, 0.0, MODEL)]


async def test_a_limit_of_requests_ends_a_conversation_that_does_not(context: RunContext) -> None:
    wrong = Call([("final_result", {"stars": 9})])
    async with serving_model(wrong, wrong) as server:
        config = {"model": MODEL, "output_schema": SCHEMA, "limits": {"requests": 1}}
        outcome = await executor(server).execute(config, context)

    assert isinstance(outcome, Failed)
    assert outcome.type == "usage_limit"
    assert len(server.requests) == 1


async def test_a_steer_goes_into_the_next_request_and_a_follow_up_comes_when_it_would_end(
    context: RunContext, recorder: Recorder
) -> None:
    hold = asyncio.Event()
    first, last = {"title": "Tock", "stars": 1}, {"title": "Tock", "stars": 2}
    answers = (Say(["no ", "result"], hold=hold), Call([("final_result", first)]), Call([("final_result", last)]))
    async with serving_model(*answers) as server:
        running = asyncio.create_task(executor(server).execute({"model": MODEL, "output_schema": SCHEMA}, context))
        await until(lambda: recorder.events)

        recorder.signals.put_nowait(message(1, "follow_up", "And then?"))
        recorder.signals.put_nowait(message(2, "steer", "In German."))
        await until(lambda: recorder.taken == 2)
        hold.set()
        outcome = await running

    assert outcome == Succeeded(last)
    said = [str(request["messages"]) for request in server.requests]
    assert ["In German." in text for text in said] == [False, True, True]
    assert ["And then?" in text for text in said] == [False, False, True]


async def test_a_cancelled_attempt_closes_its_connection(context: RunContext, recorder: Recorder) -> None:
    async with serving_model(Say(["one", "two"], hold=asyncio.Event())) as server:
        running = asyncio.create_task(executor(server).execute({"model": MODEL}, context))
        await until(lambda: recorder.events)

        running.cancel()

        async with asyncio.timeout(TIMEOUT):
            await server.disconnected.wait()
            with pytest.raises(asyncio.CancelledError):
                await running


async def test_a_run_with_nothing_to_do_fails(context: RunContext) -> None:
    outcome = await executor().execute({"model": "test"}, replace(context, message=None, input={}))

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("nothing_to_do", False)


async def test_a_resumed_run_goes_on_with_the_conversation(
    context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    async with serving_model(Say(["one"]), Say(["two"])) as server:
        await executor(server).execute({"model": MODEL}, context_with(message="First?", session="s-1"))
        resumed = context_with(message="Then?", session="s-1", run="run-2")
        outcome = await executor(server).execute({"model": MODEL}, resumed)

    assert outcome == Succeeded("two")
    said = [(each["role"], each["content"]) for each in server.requests[1]["messages"]]
    assert [role for role, _ in said] == ["system", "user", "assistant", "user"]
    assert said[2:] == [("assistant", "one"), ("user", "Then?")]
    assert len(recorder.conversation["messages"]) == 4


async def test_a_conversation_that_cannot_be_saved_is_a_warning(
    context_with: Callable[..., RunContext], recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(state: Any) -> None:  # noqa: ARG001 - the host's signature
        raise SessionMoved("s-1", run="run-9")

    monkeypatch.setattr(recorder, "save_session", refuse)
    async with serving_model(Say(["one"])) as server:
        outcome = await executor(server).execute({"model": MODEL}, context_with(session="s-1"))

    assert outcome == Succeeded("one")
    assert "run-9" in recorder.notices[0][1]["text"]


@pytest.mark.parametrize("approve", [None, ["drop"]])
def test_it_can_be_steered_and_resumed_and_waits_if_a_tool_needs_an_approval(approve: list[str] | None) -> None:
    waits = {Ability.WAIT} if approve else set[Ability]()

    assert executor().abilities({"model": "test", "approve": approve}) == {Ability.STEER, Ability.RESUME, *waits}
