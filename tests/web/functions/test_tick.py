"""`tick`: any body without shards is the tick of the minute, one with shards a continuation."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tock.ports.store import Change
from tock.web.deployment import Access
from tock.web.functions.tick import handle_tick
from web.rig import LOCAL, Rig, client_of, function_app, make_rig, ok, problem

pytestmark = pytest.mark.anyio
Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def post(rig: Rig) -> Post:
    """A POST to the tick function of a deployment beside an emulator."""
    deployment = make_rig(rig.services, Access(local=True)).deployment
    return client_of(function_app(handle_tick, deployment), key=None, origin=LOCAL).post


@pytest.fixture
async def shard(rig: Rig) -> int:
    """The shard of the one trigger there is; it is due."""
    await rig.make_trigger()
    found = await rig.services.store.trigger("acme", "morning")
    assert found is not None
    due = rig.services.clock.now() - timedelta(seconds=1)
    await rig.services.store.commit([Change(found, found.value.model_copy(update={"next_run_at": due}))])
    return found.value.shard


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b"7", b'["shards"]', b'{"job": "tick"}', b"not json", b"\xff\x00", b"[" * 100_000],
    ids=["nothing", "an object", "null", "a number", "a list", "others' fields", "text", "bytes", "a deep hole"],
)
async def test_anything_without_shards_is_the_minutes_tick(rig: Rig, post: Post, shard: int, body: bytes) -> None:
    assert shard in range(8)

    ticked = ok(await post("/", content=body, headers={"Content-Type": "application/octet-stream"}))

    assert (ticked["due"], ticked["unfinished"]) == (1, False)
    state = await rig.services.store.scheduler()
    assert state is not None
    assert state.counters.model_dump() == ticked


async def test_shards_are_a_further_tick_over_them_alone(rig: Rig, post: Post, shard: int) -> None:
    others = [number for number in range(8) if number != shard]

    beside = ok(await post("/", json={"shards": others, "tick": "further"}))
    inside = ok(await post("/", json={"shards": [shard], "tick": "further"}))

    assert (beside["due"], inside["due"]) == (0, 1)
    assert await rig.services.store.scheduler() is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"shards": [], "tick": "t"}, "shards"),
        ({"shards": [-1], "tick": "t"}, "shards"),
        ({"shards": [120], "tick": "t"}, "shards"),
        ({"shards": 3, "tick": "t"}, "shards"),
        ({"shards": ["x"], "tick": "t"}, "shards"),
        ({"shards": None, "tick": "t"}, "shards"),
        ({"shards": list(range(120)) * 2, "tick": "t"}, "shards"),
        ({"shards": [1]}, "tick"),
        ({"shards": [1], "tick": ""}, "tick"),
        ({"shards": [1], "tick": 7}, "tick"),
    ],
    ids=str,
)
async def test_shards_that_cannot_be_are_refused(post: Post, body: dict[str, Any], field: str) -> None:
    refused = problem(await post("/", content=json.dumps(body)), 400)

    assert any(error["field"].startswith(field) for error in refused["errors"])
