"""Sends messages over guarded connections, and reads bounded answers; redirects are not followed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tock.core.errors import InvalidArgument
from tock.core.run.outcome import Failed
from tock.executors.http.answers.response import MAX_BODY
from tock.executors.http.message import Post, Sender
from tock.executors.outbound.address_guard import AddressGuard

if TYPE_CHECKING:
    import ssl

    import httpx

#: Seconds to wait for a connection and for its TLS handshake; the response may take until the deadline.
_CONNECT_TIMEOUT = 10.0


class NotReached(Exception):
    """The agent gave no answer; `failure` is what that comes to."""

    def __init__(self, failure: Failed) -> None:
        self.failure = failure
        super().__init__(failure.message)


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach the URLs of one agent in one attempt."""

    guard: AddressGuard
    tls: "ssl.SSLContext"
    sender: Sender
    now: Callable[[], datetime]

    @asynccontextmanager
    async def answer(self, message: Post) -> AsyncIterator["httpx.Response"]:
        """Send the message and give its response, whose body is still to be read; then close the connection.

        Raises NotReached, also when the connection breaks while the body is read.
        """
        import httpcore  # noqa: PLC0415 imported lazily: only HTTP agents need it
        import httpx  # noqa: PLC0415 as above

        from tock.executors.outbound.guarded_transport import GuardedTransport  # noqa: PLC0415 as above

        timeouts = httpx.Timeout(None, connect=_CONNECT_TIMEOUT).as_dict()
        headers = self.sender.headers_of(message, at=self.now())
        request = httpx.Request(
            "POST", message.url, content=message.body, headers=headers, extensions={"timeout": timeouts}
        )
        try:
            # Not through a client of httpx: it reads redirects and cookies, and raises on those that it cannot read.
            async with GuardedTransport(self.guard, tls=self.tls) as transport:
                response = await transport.handle_async_request(request)
                try:
                    yield response
                finally:
                    await response.aclose()
        except InvalidArgument as exc:
            raise NotReached(Failed(type="address_refused", message=str(exc), retryable=False)) from exc
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as exc:
            reason = f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__
            failure = Failed(type="connection_failed", message=f"No answer from the agent: {reason}", retryable=True)
            raise NotReached(failure) from exc


async def body_of(response: "httpx.Response") -> bytes:
    """Return the body, or a little more than `MAX_BODY` of it if it is longer."""
    body = b""
    async for part in response.aiter_raw():
        body += part
        if len(body) > MAX_BODY:
            break
    return body
