"""Conversations with a real Agent2Agent server: what is sent, followed, reported and returned."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response

from executors.a2a.a2a_server import card_of, serving_agent
from executors.asgi_server import serving_app
from executors.recorder import Recorder
from tock.core.errors import InvalidArgument, SessionMoved
from tock.core.run.outcome import Failed, Succeeded, Usage, WaitFor, Waiting
from tock.executors.a2a.conversation import CANCEL_TIMEOUT
from tock.executors.a2a.executor import A2aExecutor
from tock.ports.executor import Ability, GivenAnswer, RunContext
from tock.ports.host import Previous, PreviousFailure
from waiting import until

pytestmark = pytest.mark.anyio
SECRETS = {"acme/TOKEN": "token-of-the-reviewer"}


def executor(*addresses: str, **options: Any) -> A2aExecutor:
    """Return an executor that may call these addresses of this machine."""
    given = {
        "allowed_hosts": addresses,
        "secrets": SECRETS,
        "now": lambda: datetime(2027, 3, 28, 12, tzinfo=UTC),
    }
    return A2aExecutor(**{**given, **options})


async def outcome_of(address: str, context: RunContext, **config: Any) -> Any:
    return await executor(address).execute({"url": f"http://{address}", **config}, context)


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


async def test_credentials_and_headers_are_sent_and_not_given_back(context_with: Callable[..., RunContext]) -> None:
    secret = SECRETS["acme/TOKEN"]
    async with serving_agent() as (reviewer, address):
        config = {"auth": {"bearer": "acme/TOKEN"}, "headers": {"X-Team": "newsroom-of-acme"}}
        outcome = await outcome_of(address, context_with(message=f"{secret} newsroom-of-acme"), **config)

    assert outcome == Succeeded("I say *** ***.")
    assert {(each["authorization"], each["x-team"]) for each in reviewer.headers} == {
        (f"Bearer {secret}", "newsroom-of-acme")
    }


async def test_a_cards_own_url_may_be_given(context_with: Callable[..., RunContext]) -> None:
    async with serving_agent() as (_, address):
        config = {"url": f"http://{address}/other/card.json"}
        outcome = await executor(address).execute(config, context_with(message="done"))

    assert outcome == Succeeded("I say done.")


async def test_a_card_that_leads_to_a_private_address_is_refused(context_with: Callable[..., RunContext]) -> None:
    async with serving_agent(url="http://169.254.169.254/") as (reviewer, address):
        outcome = await outcome_of(address, context_with(message="done"))

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("address_refused", False)
    assert "169.254.169.254 is not public" in outcome.message
    assert reviewer.messages == []


async def test_a_card_that_leads_to_a_name_of_a_private_address_is_refused(
    context_with: Callable[..., RunContext],
) -> None:
    async def resolve(host: str, port: int) -> list[str]:  # noqa: ARG001 - the guard's signature
        return ["127.0.0.1"]

    async with serving_agent(url="https://agents.example.com/") as (_, address):
        config = {"url": f"http://{address}"}
        outcome = await executor(address, resolve=resolve).execute(config, context_with(message="done"))

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("address_refused", False)


async def test_credentials_do_not_follow_a_card_to_another_host(context_with: Callable[..., RunContext]) -> None:
    async with (
        serving_agent() as (other, elsewhere),
        serving_app(JSONResponse(_card(elsewhere))) as address,
    ):
        config = {"url": f"http://{address}", "auth": {"bearer": "acme/TOKEN"}}
        outcome = await executor(address, elsewhere).execute(config, context_with(message="done"))

    assert isinstance(outcome, Failed)
    assert "another host than the card's" in outcome.message
    assert other.headers == []


def _card(address: str) -> Any:
    from google.protobuf.json_format import MessageToDict  # noqa: PLC0415 - only this test's

    return MessageToDict(card_of(address, streaming=True))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (RedirectResponse("http://127.0.0.1:9/"), ("http_307", False, None)),
        (Response(status_code=404), ("http_404", False, None)),
        (Response(status_code=503, headers={"retry-after": "9"}), ("http_503", True, timedelta(seconds=9))),
        (Response("no card"), ("unusable_answer", False, None)),
        (Response(b"x", headers={"content-encoding": "gzip"}), ("unusable_answer", False, None)),
    ],
    ids=["redirect", "absent", "unavailable", "no JSON", "compressed"],
)
async def test_a_card_that_cannot_be_read_fails_the_attempt(
    answer: Response, expected: tuple[str, bool, Any], context: RunContext
) -> None:
    async with serving_app(answer) as address:
        outcome = await outcome_of(address, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable, outcome.retry_after) == expected


async def test_an_unreachable_server_is_retryable(context: RunContext) -> None:
    async with serving_app(Response()) as address:
        pass

    outcome = await outcome_of(address, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("connection_failed", True)


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
