"""`tock listen` verifies webhooks, and passes on only those whose signature is right."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from executors.asgi_server import serving_app
from tock.bootstrap.system_clock import SystemClock
from tock.executors.http.signature import signature
from tock.local.tcp_ports import unused_port
from tock.local.webhooks.listener import LARGEST, Answered, Received, listener
from tock.local.webhooks.verification import Verdict, Verification, verifier
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"
BODY = json.dumps({"message": "three little words"})


def _signed(body: str = BODY, *, secret: str = SECRET, age: timedelta = timedelta(0)) -> dict[str, str]:
    at = SystemClock().now() - age
    return {
        "content-type": "application/json",
        "webhook-id": "m1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature(secret, message_id="m1", at=at, body=body),
    }


@dataclass(frozen=True, slots=True)
class Rig:
    """A listener that runs, and what it reported."""

    url: str
    reported: list[Received | Answered] = field(default_factory=list)

    async def post(self, body: str | bytes = BODY, *, headers: Mapping[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            return await client.post(f"{self.url}/any/path", content=body, headers=headers)


@asynccontextmanager
async def listening(*, secret: str | None = SECRET, forward: str | None = None) -> AsyncIterator[Rig]:
    reported: list[Received | Answered] = []
    app = listener(verify=verifier(secret), forward=forward, answer={"received": True}, report=reported.append)
    async with serving_app(app, lifespan="on") as address:
        yield Rig(f"http://{address}", reported)


@asynccontextmanager
async def target(answer: Callable[[Request], Awaitable[Response]]) -> AsyncIterator[str]:
    async with serving_app(Starlette(routes=[Route("/agent", answer, methods=["POST"])])) as address:
        yield f"http://{address}/agent"


async def test_a_signed_webhook_is_verified_and_answered() -> None:
    async with listening() as rig:
        answer = await rig.post(headers=_signed())

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert rig.reported == [
        Received("POST", "/any/path", BODY.encode(), Verification(Verdict.VERIFIED)),
        Answered(200, target=None),
    ]


@pytest.mark.parametrize(
    ("headers", "verdict", "problem"),
    [
        (dict, Verdict.UNSIGNED, "it has no header webhook-signature"),
        (lambda: _signed(secret=OTHER), Verdict.REFUSED, "No matching signature found"),
        (lambda: _signed(body="{}"), Verdict.REFUSED, "No matching signature found"),
        (lambda: _signed(age=timedelta(hours=1)), Verdict.REFUSED, "Message timestamp too old"),
        (lambda: _signed() | {"webhook-id": ""}, Verdict.REFUSED, "Missing required headers"),
        (lambda: _signed() | {"webhook-signature": "nonsense"}, Verdict.REFUSED, "its signature cannot be read"),
    ],
    ids=["none", "another secret", "another body", "old", "no id", "malformed"],
)
async def test_what_is_not_signed_right_is_answered_with_401(
    headers: Callable[[], dict[str, str]], verdict: Verdict, problem: str
) -> None:
    async with listening(forward=f"http://127.0.0.1:{unused_port()}/") as rig:
        answer = await rig.post(headers=headers())

    received, answered = rig.reported
    assert isinstance(received, Received)
    assert received.verification.verdict is verdict
    assert problem in received.verification.problem
    assert (answer.status_code, answered) == (401, Answered(401, target=None))
    assert problem in answer.json()["detail"]


async def test_without_a_secret_everything_is_taken_and_said_to_be_unverified() -> None:
    async with listening(secret=None) as rig:
        answer = await rig.post(b"\xff no JSON", headers={})

    assert answer.status_code == 200
    [received, _] = rig.reported
    assert isinstance(received, Received)
    assert received.verification == Verification(Verdict.UNCHECKED, "no secret was given")


async def test_a_body_that_is_too_large_is_not_kept() -> None:
    async with listening(secret=None) as rig:
        answer = await rig.post(b"x" * (LARGEST + 1), headers={})

    assert answer.status_code == 413
    assert [type(each) for each in rig.reported] == [Answered]


async def test_it_is_passed_on_as_it_came_and_the_answer_comes_back() -> None:
    heard: list[Any] = []

    async def agent(request: Request) -> Response:
        heard.append((request.headers.get("webhook-id"), request.url.path, (await request.body()).decode()))
        return JSONResponse({"words": 3}, status_code=202, headers={"Retry-After": "7"})

    async with target(agent) as url, listening(forward=url) as rig:
        answer = await rig.post(headers=_signed())

    assert heard == [("m1", "/agent", BODY)]
    assert (answer.status_code, answer.json(), answer.headers["Retry-After"]) == (202, {"words": 3}, "7")
    assert rig.reported[1] == Answered(202, target=url)


async def test_a_stream_is_passed_on_too() -> None:
    async def events(_: Request) -> Response:
        async def lines() -> Any:
            yield "data: 1\n\n"
            yield "data: 2\n\n"

        return StreamingResponse(lines(), media_type="text/event-stream")

    async with target(events) as url, listening(forward=url) as rig:
        answer = await rig.post(headers=_signed())

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == "data: 1\n\ndata: 2\n\n"


async def test_a_target_that_does_not_answer_is_a_sentence() -> None:
    nowhere = f"http://127.0.0.1:{unused_port()}/"

    async with listening(forward=nowhere) as rig:
        answer = await rig.post(headers=_signed())

    assert answer.status_code == 502
    assert answer.json()["detail"].startswith(f"{nowhere} does not answer: ")
    assert isinstance(rig.reported[1], Answered)
    assert rig.reported[1].problem == answer.json()["detail"]
