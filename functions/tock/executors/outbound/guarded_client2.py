"""The same as `guarded_client` for httpx2, the successor of httpx that SDKs of models and of MCP are built on."""

import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpcore2
import httpx2

from tock.core.errors import InvalidArgument
from tock.executors.outbound.address_guard import AddressGuard
from tock.executors.outbound.checked_connection import checked_addresses, connect_checked

#: The most bytes of one answer, a stream of events included.
MAX_ANSWER = 32 * 1024 * 1024

#: Seconds to wait for a connection and for its TLS handshake; an answer may take until the deadline.
CONNECT_TIMEOUT = 10.0


def guarded_client2(
    guard: AddressGuard, *, tls: ssl.SSLContext | None = None, headers: Mapping[str, str] | None = None
) -> httpx2.AsyncClient:
    """Return a client that sends `headers` with each request.

    Its requests raise httpx2's errors, and InvalidArgument for an address that the guard refuses.
    """
    verified = tls if tls is not None else _public_authorities()
    return httpx2.AsyncClient(
        transport=_GuardedTransport(guard, tls=verified),
        headers={**(headers or {}), "Accept-Encoding": "identity"},
        timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT),
        trust_env=False,
    )


@cache
def _public_authorities() -> ssl.SSLContext:
    """Return what verifies servers by default. Price: loading it blocks all runs of the process for some 20 ms."""
    return httpx2.create_ssl_context(trust_env=False)


class _GuardedNetwork(httpcore2.AsyncNetworkBackend):
    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 the signature is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        return await connect_checked(
            self._network.connect_tcp,
            await checked_addresses(self._guard, host=host, port=port, error=httpcore2.ConnectError),
            passing=(httpcore2.ConnectError, httpcore2.ConnectTimeout),
            others=(port, timeout, local_address, socket_options),
        )


class _GuardedTransport(httpx2.AsyncBaseTransport):
    def __init__(self, guard: AddressGuard, *, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=tls, network_backend=_GuardedNetwork(guard))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._guard.check(str(request.url))
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        with _httpx2_errors(request):
            answer = await self._pool.handle_async_request(
                httpcore2.Request(
                    request.method,
                    url,
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        _refuse_encoded(answer)
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer, request=request))

    async def aclose(self) -> None:
        await self._pool.aclose()


def _refuse_encoded(answer: httpcore2.Response) -> None:
    """Raise InvalidArgument for a compressed answer, which could become larger than any bound; none was asked for."""
    encoding = next(
        (value.decode("latin-1") for name, value in answer.headers if name.lower() == b"content-encoding"), "identity"
    )
    if encoding.lower() != "identity":
        raise InvalidArgument(field="answer", value=encoding, remedy="send the answer without a content-encoding")


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response, *, request: httpx2.Request) -> None:
        if not isinstance(answer.stream, AsyncIterable):
            raise TypeError(f"The body is a {type(answer.stream).__name__}.")
        self._answer = answer
        self._parts = answer.stream
        self._request = request
        self._left = MAX_ANSWER

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx2_errors(self._request):
            # Not `aiter_stream`, which a client that looks again after the last event would find used up.
            async for part in self._parts:
                self._left -= len(part)
                if self._left < 0:
                    raise httpx2.ReadError(f"The answer has more than {MAX_ANSWER} bytes.", request=self._request)
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextmanager
def _httpx2_errors(request: httpx2.Request) -> Iterator[None]:
    """Raise httpx2's error in the place of httpcore2's error of the same name."""
    try:
        yield
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as exc:
        raise getattr(httpx2, type(exc).__name__)(str(exc), request=request) from exc
