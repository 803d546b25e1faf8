"""People answer some runs that wait, and leave others to their deadlines: both must show in two minutes."""

import random

import httpx
import pytest

from chaos.load.talkers import Talkers
from tock.core.run.run_token import RunTokens

pytestmark = pytest.mark.anyio

_TOKENS = RunTokens("k" * 32)
_WAITING = [
    {"id": run, "attempts": [{"number": 1, "wait": {"wait_for": "approval"}}]} for run in ("r1", "r2", "r3", "r4")
]


async def test_every_second_run_that_waits_is_left_to_its_deadline() -> None:
    asked: set[str] = set()

    def api(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asked.add(request.url.path.rsplit("/", 1)[-1].partition(":")[0])
        return httpx.Response(200, json={"runs": _WAITING})

    async def launch(*_: object) -> httpx.Response:
        raise AssertionError("an answer starts no run")

    talkers, rng = Talkers(_TOKENS), random.Random(1)
    async with httpx.AsyncClient(transport=httpx.MockTransport(api), base_url="http://api") as client:
        for _ in range(50):
            await talkers.act(client, "answer", project="p", rng=rng, launch=launch)

    assert asked == {"r1", "r3"}
