"""An httpx client for an SDK: each of its requests, redirects too, goes to checked URLs and addresses only."""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import httpcore
import httpx

from tock.core.errors import InvalidArgument
from tock.executors.outbound.address_guard import AddressGuard
from tock.executors.outbound.guarded_transport import GuardedTransport

#: Seconds to wait for a connection and for its TLS handshake; an answer may take until the deadline.
CONNECT_TIMEOUT = 10.0
#: The most bytes of one answer, a stream of events included.
MAX_ANSWER = 32 * 1024 * 1024


def guarded_client(
    guard: AddressGuard, *, tls: ssl.SSLContext | None = None, headers: Mapping[str, str] | None = None
) -> httpx.AsyncClient:
    """Return a client that sends `headers` with each request and follows no redirects.

    Its requests raise httpx's errors, and InvalidArgument for an address that the guard refuses.
    """
    verified = tls if tls is not None else _public_authorities()
    return httpx.AsyncClient(
        transport=_CheckedTransport(guard, tls=verified),
        headers={**(headers or {}), "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT),
        trust_env=False,
    )


@cache
def _public_authorities() -> ssl.SSLContext:
    """Return what verifies servers by default. Price: loading it blocks all runs of the process for some 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


class _CheckedTransport(GuardedTransport):
    def __init__(self, guard: AddressGuard, *, tls: ssl.SSLContext) -> None:
        super().__init__(guard, tls=tls)
        self._urls = guard

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._urls.check(str(request.url))
        with _httpx_errors(request):
            answer = await super().handle_async_request(request)
        refuse_encoded(answer.headers)
        body = answer.stream
        if not isinstance(body, httpx.AsyncByteStream):
            raise TypeError(f"The body is a {type(body).__name__}.")
        return httpx.Response(answer.status_code, headers=answer.headers, stream=_Body(body, request=request))

    async def aclose(self) -> None:
        await self._pool.aclose()


def refuse_encoded(headers: Mapping[str, str]) -> None:
    """Raise InvalidArgument for a compressed answer, which could become larger than any bound; none was asked for."""
    encoding = headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise InvalidArgument(field="answer", value=encoding, remedy="send the answer without a content-encoding")


class _Body(httpx.AsyncByteStream):
    def __init__(self, body: httpx.AsyncByteStream, *, request: httpx.Request) -> None:
        self._body = body
        self._request = request
        self._left = MAX_ANSWER

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors(self._request):
            async for part in self._body:
                self._left -= len(part)
                if self._left < 0:
                    raise httpx.ReadError(f"The answer has more than {MAX_ANSWER} bytes.", request=self._request)
                yield part

    async def aclose(self) -> None:
        await self._body.aclose()


@contextmanager
def _httpx_errors(request: httpx.Request) -> Iterator[None]:
    """Raise httpx's error in the place of httpcore's error of the same name."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as exc:
        raise getattr(httpx, type(exc).__name__)(str(exc), request=request) from exc
