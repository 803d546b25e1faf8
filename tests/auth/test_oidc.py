"""Google's certificates, fetched over HTTP."""

import json

import pytest

from executors.http.http_server import answer, serving
from tock.auth.oidc import GoogleCertificates
from tock.core.errors import Unavailable

pytestmark = pytest.mark.anyio
CERTIFICATES = {"key-1": "-----BEGIN CERTIFICATE-----"}


async def test_they_are_read_by_key_id() -> None:
    async with serving(answer("200 OK", json.dumps(CERTIFICATES).encode())) as server:
        assert await GoogleCertificates(f"http://127.0.0.1:{server.port}/certs").read() == CERTIFICATES


@pytest.mark.parametrize(
    "raw",
    [
        answer("503 Service Unavailable", json.dumps(CERTIFICATES).encode()),
        answer("200 OK", b"{}"),
        answer("200 OK", b"no JSON"),
        answer("200 OK", b"\xff"),
        b"",
    ],
    ids=["status", "none", "no JSON", "no text", "no answer"],
)
async def test_whatever_else_comes_is_no_verdict_on_a_token(raw: bytes) -> None:
    async with serving(raw) as server:
        with pytest.raises(Unavailable, match="certificates could not be read"):
            await GoogleCertificates(f"http://127.0.0.1:{server.port}/certs").read()


async def test_without_a_server_nobody_is_judged() -> None:
    async with serving(b"") as server:
        address = f"http://127.0.0.1:{server.port}/certs"

    with pytest.raises(Unavailable):
        await GoogleCertificates(address).read()
