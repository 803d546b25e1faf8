"""The bodies of `tick` and `run`: bounded, strict where they say something, and never an unhandled error."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tock.web.deployment import Access
from tock.web.functions.run import handle_run
from tock.web.functions.tick import handle_tick
from tock.web.requests import LARGEST_BODY
from web.rig import LOCAL, Rig, client_of, function_app, make_rig, problem

pytestmark = pytest.mark.anyio
DELIVERY = {"project": "acme", "run": "nothing", "attempt": 1, "dispatch": 1}


@pytest.fixture
def functions(rig: Rig) -> dict[str, httpx.AsyncClient]:
    """Both functions beside an emulator, where they need no identity."""
    deployment = make_rig(rig.services, Access(local=True)).deployment
    handlers = {"tick": handle_tick, "run": handle_run}
    return {
        name: client_of(function_app(handler, deployment), key=None, origin=LOCAL) for name, handler in handlers.items()
    }


@pytest.mark.parametrize("function", ["tick", "run"])
async def test_a_body_is_read_up_to_its_limit_only(functions: dict[str, httpx.AsyncClient], function: str) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * LARGEST_BODY:
            sent += 65_536
            yield b" " * 65_536

    streamed = await functions[function].post("/", content=endless())
    announced = await functions[function].post("/", content=b" " * (LARGEST_BODY + 1))

    assert problem(streamed, 413)["code"] == problem(announced, 413)["code"] == "body_too_large"
    assert sent <= LARGEST_BODY + 65_536


@pytest.mark.parametrize(
    "body",
    [
        b'{"shards": [1], "tick": "\\ud800"}',
        b'{"shards": ["\\ud800"], "tick": "t"}',
        b'{"shards": [1], "tick": "t", "tick": "t"}',
        b'{"shards": [1], "tick": NaN}',
        b'{"shards": ' + b"[" * 70 + b"]" * 70 + b"}",
    ],
)
async def test_a_continuation_is_strict_json(functions: dict[str, httpx.AsyncClient], body: bytes) -> None:
    assert problem(await functions["tick"].post("/", content=body), 400)["code"] == "not_json"


async def test_half_a_character_alone_is_the_minutes_tick(functions: dict[str, httpx.AsyncClient]) -> None:
    assert (await functions["tick"].post("/", content=b'{"tick": "\\ud800"}')).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        json.dumps(DELIVERY)[:-1].encode() + b', "attempt": 1}',
        json.dumps(DELIVERY | {"run": "\ud800"}).encode(),
        b'{"project": ' + b"[" * 100_000,
    ],
    ids=["nothing", "half", "a member twice", "half a character", "a deep hole"],
)
async def test_a_delivery_is_strict_json(functions: dict[str, httpx.AsyncClient], body: bytes) -> None:
    assert problem(await functions["run"].post("/", content=body), 400)["code"] == "not_json"
