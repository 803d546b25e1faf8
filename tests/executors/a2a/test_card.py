"""The card of a server: where it may lead, which credentials follow it, and when it cannot be read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response

from executors.a2a.a2a_server import card_of, serving_agent
from executors.a2a.deployment import SECRETS, executor, outcome_of
from executors.asgi_server import serving_app
from tock.core.run.outcome import Failed, Succeeded
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio


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
