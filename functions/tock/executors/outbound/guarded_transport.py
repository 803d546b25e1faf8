"""An httpx transport that connects only to addresses that the guard has checked."""

import ssl
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Self

import httpcore
import httpx

from tock.executors.outbound.address_guard import AddressGuard
from tock.executors.outbound.checked_connection import checked_addresses, connect_checked


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Resolves a host once, checks the addresses, and connects to one of them only.

    The host is not resolved again between the check and the connection, so a resolver that changes its answer gains
    nothing. TLS still verifies the certificate against the host's name.
    """

    def __init__(self, guard: AddressGuard, *, network: httpcore.AsyncNetworkBackend) -> None:
        self._guard = guard
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that accepts a connection.

        Raises:
            InvalidArgument: the guard refuses an address.
            httpcore.ConnectError, httpcore.ConnectTimeout: the host has no address, or none accepts a connection.
        """
        return await connect_checked(
            self._network.connect_tcp,
            await checked_addresses(self._guard, host=host, port=port, error=httpcore.ConnectError),
            passing=(httpcore.ConnectError, httpcore.ConnectTimeout),
            others=(port, timeout, local_address, socket_options),
        )


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends requests over one pool of guarded connections; raises httpcore's errors."""

    def __init__(self, guard: AddressGuard, *, tls: ssl.SSLContext) -> None:
        network = GuardedNetwork(guard, network=httpcore.AnyIOBackend())
        self._pool = httpcore.AsyncConnectionPool(ssl_context=tls, network_backend=network)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its response, whose body is still to be read."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._pool.__aexit__(exc_type, exc_value, traceback)


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._response.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._response.aclose()
