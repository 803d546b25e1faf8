"""A pool of HTTP clients, one for each attempt in progress."""

import functools
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

#: How long an idle connection is kept, in seconds. A race: targets usually close idle connections after 5 s, and a
#: request on a connection that is being closed fails.
_IDLE_CONNECTION = 2.0
#: How many idle clients are kept at most.
_SPARE_CLIENTS = 100


class Connections:
    """A pool that lends a client to one borrower at a time, so that each client has at most one request in progress.

    One shared client would be slow: it searches all its connections for every request, so a thousand concurrent
    requests would take a million steps.
    """

    def __init__(self) -> None:
        self._spare: list[httpx.AsyncClient] = []

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[httpx.AsyncClient]:
        """Lend a client without timeouts; it does not read proxies or certificates from the environment."""
        client = self._spare.pop() if self._spare else _client()
        try:
            yield client
        finally:
            if len(self._spare) < _SPARE_CLIENTS:
                self._spare.append(client)
            else:
                await client.aclose()

    async def close(self) -> None:
        """Close the idle clients."""
        while self._spare:
            await self._spare.pop().aclose()


def _client() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=4, keepalive_expiry=_IDLE_CONNECTION)
    return httpx.AsyncClient(timeout=None, trust_env=False, verify=_ssl_context(), limits=limits)  # noqa: S113 - the dispatch deadline bounds the whole attempt


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Return a context with the public certificate authorities; cached, because reading them takes about 60 ms."""
    return httpx.create_ssl_context(trust_env=False)
