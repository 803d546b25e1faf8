"""The clients that SDKs get, for httpx and for httpx2: what they refuse, and which errors they raise."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest

from executors.http.http_server import answer, serving
from tock.core.errors import InvalidArgument
from tock.executors.outbound import guarded_client, guarded_client2
from tock.executors.outbound.address_guard import AddressGuard

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Family:
    """A library, and the module whose client is built on it."""

    library: ModuleType
    module: ModuleType
    client: Callable[..., Any]


FAMILIES = pytest.mark.parametrize(
    "family",
    [
        Family(httpx, guarded_client, guarded_client.guarded_client),
        Family(httpx2, guarded_client2, guarded_client2.guarded_client2),
    ],
    ids=["httpx", "httpx2"],
)
GUARD = AddressGuard(allowed_hosts=["127.0.0.1"])


@FAMILIES
async def test_a_redirect_to_a_private_address_is_refused(family: Family) -> None:
    async with serving(answer("302 Found", location="http://127.0.0.2:9/")) as server, family.client(GUARD) as http:
        with pytest.raises(InvalidArgument, match=r"127\.0\.0\.2 is not public"):
            await http.get(f"http://127.0.0.1:{server.port}/", follow_redirects=True)


@FAMILIES
async def test_http_to_a_public_host_is_refused_before_any_connection(family: Family) -> None:
    async with family.client(GUARD) as http:
        with pytest.raises(InvalidArgument, match="use https"):
            await http.get("http://93.184.216.34/")


@FAMILIES
async def test_a_compressed_answer_is_refused(family: Family) -> None:
    async with serving(answer("200 OK", b"x", content_encoding="gzip")) as server, family.client(GUARD) as http:
        with pytest.raises(InvalidArgument, match="without a content-encoding"):
            await http.get(f"http://127.0.0.1:{server.port}/")

    assert server.requests[0].headers["accept-encoding"] == "identity"


@FAMILIES
async def test_an_answer_beyond_the_bound_is_a_read_error(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family.module, "MAX_ANSWER", 4)
    async with serving(answer("200 OK", b"12345")) as server, family.client(GUARD) as http:
        with pytest.raises(family.library.ReadError, match="more than 4 bytes"):
            await http.get(f"http://127.0.0.1:{server.port}/")


@FAMILIES
async def test_errors_are_those_of_the_clients_library(family: Family) -> None:
    async with serving(answer("200 OK")) as server:
        pass

    async with family.client(GUARD) as http:
        with pytest.raises(family.library.ConnectError):
            await http.get(f"http://127.0.0.1:{server.port}/")


@FAMILIES
async def test_an_answer_that_breaks_off_is_an_error_of_the_clients_library(family: Family) -> None:
    async with serving(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf") as server, family.client(GUARD) as http:
        with pytest.raises(family.library.RemoteProtocolError):
            await http.get(f"http://127.0.0.1:{server.port}/")


@FAMILIES
async def test_all_clients_of_a_process_verify_servers_by_one_context(family: Family) -> None:
    """Loading the public authorities blocks the runs of the process for some 20 ms, and each run has a client."""
    async with family.client(GUARD) as one, family.client(GUARD) as other:
        assert one._transport._pool._ssl_context is other._transport._pool._ssl_context is not None
