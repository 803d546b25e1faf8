"""HTTP clients to borrow, one for each attempt under way."""

import functools
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

#: A race: a target that closes idle connections (after 5 s, usually) must not meet a request on one of them.
_IDLE_CONNECTION = 2.0
#: A limit: clients that are kept for the next attempts.
_SPARE_CLIENTS = 100


class Connections:
    """Clients that are lent to one borrower at a time, so that each has one request under way at most.

    A price: a client goes through all its connections for every request, so a thousand requests on one shared client
    would cost a million steps.
    """

    def __init__(self) -> None:
        self._spare: list[httpx.AsyncClient] = []

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client that nobody else has; it has no timeouts of its own and takes nothing from the environment."""
        client = self._spare.pop() if self._spare else _client()
        try:
            yield client
        finally:
            if len(self._spare) < _SPARE_CLIENTS:
                self._spare.append(client)
            else:
                await client.aclose()

    async def close(self) -> None:
        """Close the clients that were given back."""
        while self._spare:
            await self._spare.pop().aclose()


def _client() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=4, keepalive_expiry=_IDLE_CONNECTION)
    return httpx.AsyncClient(timeout=None, trust_env=False, verify=_trust(), limits=limits)  # noqa: S113 - the dispatch deadline bounds the whole attempt


@functools.cache
def _trust() -> ssl.SSLContext:
    """The public certificate authorities; a price: reading them takes some 60 ms."""
    return httpx.create_ssl_context(trust_env=False)
