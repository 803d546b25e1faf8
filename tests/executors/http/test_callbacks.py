"""Agents that answer later: 202, a wait, and the callback that the next leg begins with."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from executors.http.http_calls import NOON, SECRET, executor
from executors.http.http_server import answer, serving
from tock.core.errors import InvalidArgument
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded, WaitFor, Waiting
from tock.core.run.run_token import RunTokens
from tock.executors.callbacks import Callbacks
from tock.ports.executor import Ability, GivenAnswer, RunContext

pytestmark = pytest.mark.anyio
TOKENS = RunTokens("k" * 32)
CALLBACKS = Callbacks(url="https://api.example.com/", tokens=TOKENS)
URL = "https://agents.example.com/"


def given(value: Any, *, failed_since: bool = False) -> GivenAnswer:
    return GivenAnswer(approved=None, note="", by="run:run-1", at=NOON, value=value, failed_since=failed_since)


async def test_a_202_makes_the_run_wait_and_the_request_says_where_to_call_back(
    context_with: Callable[..., RunContext],
) -> None:
    context = context_with(state={"page": 2})
    async with serving(answer("202 Accepted", b"not even json")) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/", "answers": "callback"}
        waits = await executor(callbacks=CALLBACKS).execute(config, context)
        shorter = await executor(callbacks=CALLBACKS).execute(config | {"deadline": "90m"}, context)

    assert waits == Waiting(WaitFor.CALLBACK, deadline=timedelta(days=1))
    assert shorter == Waiting(WaitFor.CALLBACK, deadline=timedelta(minutes=90))
    body = json.loads(server.requests[0].body)
    run = "https://api.example.com/v1/projects/acme/runs/run-1"
    assert body["callback"] == {
        "url": f"{run}:callback?attempt=2",
        "events_url": f"{run}/events",
        "checkpoint_url": f"{run}:checkpoint",
        "token": TOKENS.token(project="acme", run="run-1"),
    }
    assert body["state"] == {"page": 2}


async def test_without_callbacks_the_request_holds_no_token_and_a_202_is_no_success(context: RunContext) -> None:
    async with serving(answer("202 Accepted")) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/"}
        outcome = await executor(callbacks=CALLBACKS).execute(config, context)

    assert (outcome.type, outcome.retryable) == ("http_202", False)
    assert '"answers": "callback"' in outcome.message
    assert {"callback", "own_triggers", "state"}.isdisjoint(json.loads(server.requests[0].body))


async def test_an_agent_that_may_call_back_may_answer_at_once(context: RunContext) -> None:
    async with serving(answer("200 OK", b"7")) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/", "answers": "callback"}

        assert await executor(callbacks=CALLBACKS).execute(config, context) == Succeeded(7)


async def _after(answered: GivenAnswer, context_with: Callable[..., RunContext], **config: Any) -> tuple[Any, int]:
    """Return the outcome of a leg that begins with this answer, and how many requests the agent got."""
    async with serving(answer("202 Accepted")) as server:
        full = {"url": f"http://127.0.0.1:{server.port}/", "answers": "callback", **config}
        outcome = await executor(callbacks=CALLBACKS).execute(full, context_with(answer=answered))
        return outcome, len(server.requests)


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ({"pages": 3}, Succeeded({"pages": 3})),
        (None, Succeeded(None)),
        ({"error": None}, Succeeded({"error": None})),
        ({"error": {}, "pages": 1}, Succeeded({"error": {}, "pages": 1})),
        (
            {"error": {"type": "NoDisk", "message": "Full.", "retryable": True, "retry_after": 60}},
            Failed("NoDisk", "Full.", retryable=True, retry_after=timedelta(minutes=1)),
        ),
        ({"error": "broken"}, Failed("agent_failed", "broken", retryable=False)),
        ({"error": {"type": 1}}, Failed("invalid_outcome", "", retryable=False)),
    ],
)
async def test_the_callback_is_the_outcome_of_the_next_leg_without_another_request(
    value: Any, outcome: AgentOutcome, context_with: Callable[..., RunContext]
) -> None:
    came_to, requests = await _after(given(value), context_with)

    if isinstance(outcome, Failed) and not outcome.message:
        assert (came_to.type, came_to.retryable) == (outcome.type, outcome.retryable)
    else:
        assert came_to == outcome
    assert requests == 0


async def test_a_callback_after_which_an_attempt_has_failed_is_asked_for_again(
    context_with: Callable[..., RunContext],
) -> None:
    came_to, requests = await _after(given({"error": "broken"}, failed_since=True), context_with)

    assert (came_to, requests) == (Waiting(WaitFor.CALLBACK), 1)


async def test_the_condition_holds_for_a_callback(context_with: Callable[..., RunContext]) -> None:
    success = {"path": "status", "equals": "ok"}

    fine, _ = await _after(given({"status": "ok"}), context_with, success=success)
    wrong, _ = await _after(given({"status": "no"}), context_with, success=success)

    assert fine == Succeeded({"status": "ok"})
    assert wrong.type == "unsuccessful"


async def test_secrets_are_masked_in_a_callback(context_with: Callable[..., RunContext]) -> None:
    came_to, _ = await _after(given([SECRET, "of-my-header"]), context_with, headers={"x-team": "of-my-header"})

    assert came_to == Succeeded(["***", "***"])


async def test_the_token_is_masked_in_an_answer(context: RunContext) -> None:
    token = TOKENS.token(project="acme", run="run-1")
    async with serving(answer("200 OK", json.dumps({"said": token}).encode())) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/", "answers": "callback"}

        assert await executor(callbacks=CALLBACKS).execute(config, context) == Succeeded({"said": "***"})


async def test_an_agent_with_own_triggers_gets_a_token_for_them_which_is_masked(context: RunContext) -> None:
    token = TOKENS.token(project="acme", run="run-1")
    async with serving(answer("200 OK", json.dumps({"said": token}).encode())) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/", "own_triggers": "list"}

        assert await executor(callbacks=CALLBACKS).execute(config, context) == Succeeded({"said": "***"})

    url = "https://api.example.com/v1/projects/acme/runs/run-1/triggers"
    assert json.loads(server.requests[0].body)["own_triggers"] == {"url": url, "token": token}


@pytest.mark.parametrize(
    ("config", "abilities"),
    [
        ({}, set()),
        ({"answers": "now", "steer_url": None}, set()),
        ({"answers": "callback"}, {Ability.WAIT}),
        ({"steer_url": URL}, {Ability.STEER}),
        ({"steer_url": URL, "answers": "callback"}, {Ability.STEER, Ability.WAIT}),
        ({"own_triggers": "none"}, set()),
        ({"own_triggers": "list"}, {Ability.LIST_TRIGGERS}),
        ({"own_triggers": "manage"}, {Ability.LIST_TRIGGERS, Ability.MANAGE_TRIGGERS}),
    ],
)
async def test_what_an_agent_can_do_depends_on_its_configuration(config: dict[str, Any], abilities: set[str]) -> None:
    http = executor(callbacks=CALLBACKS)

    http.check({"url": URL, **config}, project="acme")

    assert http.abilities({"url": URL, **config}) == {Ability.REF, *abilities}


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"answers": "later"}, "config.answers"),
        ({"answers": True}, "config.answers"),
        ({"answers": []}, "config.answers"),
        ({"answers": None}, "config.answers"),
        *(({"own_triggers": wrong}, "config.own_triggers") for wrong in ("all", True, [], None)),
        ({"deadline": "0s"}, "config.deadline"),
        ({"deadline": "91d"}, "config.deadline"),
        ({"deadline": "soon"}, "config.deadline"),
        ({"deadline": 60}, "config.deadline"),
        ({"deadline": None}, "config.deadline"),
        *(
            ({name: url}, f"config.{name}")
            for name in ("cancel_url", "steer_url")
            for url in ("http://agents.example.com/", "https://10.0.0.1/", "https://a:b@agents.example.com/", 7, "")
        ),
        (
            {"auth": {"google_id_token": "https://agents.example.com"}, "cancel_url": "https://other.example.com/"},
            "config.auth.google_id_token",
        ),
    ],
)
async def test_a_configuration_that_is_refused(config: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        executor(callbacks=CALLBACKS).check({"url": URL, **config}, project="acme")

    assert caught.value.field == field


async def test_where_nobody_can_call_back_such_an_agent_is_refused(context: RunContext) -> None:
    config = {"url": URL, "answers": "callback"}

    with pytest.raises(InvalidArgument, match="TOCK_RUN_TOKEN_KEY and TOCK_API_URL"):
        executor().check(config, project="acme")
    assert (await executor().execute(config, context)).type == "invalid_config"
