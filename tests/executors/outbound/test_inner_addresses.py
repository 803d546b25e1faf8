"""No attempt of any kind reaches an inner address: not by a name, not by one that changes, not by a redirect."""

from collections.abc import Sequence

import pytest

from executors.http.http_server import answer, serving
from executors.outbound.reaching_agents import PLACES, Deployment

pytestmark = pytest.mark.anyio


class Names:
    """A resolver that says these addresses of every name, and keeps for which names it was asked."""

    def __init__(self, *addresses: str) -> None:
        self.asked: list[str] = []
        self._addresses = addresses

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        if host == "127.0.0.1":
            return [host]
        self.asked.append(host)
        return self._addresses


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("93.184.216.34", "127.0.0.1"), ("::1",), ("169.254.169.254",)],
    ids=["inner", "inner beside a public one", "inner of the other family", "the metadata server"],
)
async def test_a_public_name_of_an_inner_address_is_not_connected_to(place: str, addresses: tuple[str, ...]) -> None:
    """Names are resolved when an attempt connects: that one was public when its agent was written changes nothing."""
    names = Names(*addresses)
    async with serving(answer("200 OK", b"{}")) as inner:
        said = await PLACES[place](f"https://agents.example.com:{inner.port}/", Deployment(resolve=names))

    assert inner.connections == 0
    assert set(names.asked) == {"agents.example.com"}
    assert f"agents.example.com resolves to {addresses[-1]}, which is not a public address" in said


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 There"])
@pytest.mark.parametrize("target", ["http://127.0.0.1", "https://agents.example.com"], ids=["address", "name"])
async def test_a_redirect_to_an_inner_address_is_not_followed(place: str, status: str, target: str) -> None:
    async with (
        serving(answer("200 OK", b"{}")) as inner,
        serving(answer(status, location=f"{target}:{inner.port}/")) as outer,
    ):
        deployment = Deployment(allowed=[f"127.0.0.1:{outer.port}"], resolve=Names("127.0.0.1"))
        await PLACES[place](f"http://127.0.0.1:{outer.port}/", deployment)

    assert outer.connections > 0
    assert inner.connections == 0
