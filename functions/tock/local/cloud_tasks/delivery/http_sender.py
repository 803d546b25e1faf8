"""Sends one attempt over HTTP, within its deadline, and returns its outcome."""

import asyncio
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx
from google.rpc import code_pb2

from tock.local.cloud_tasks.clock import Clock
from tock.local.cloud_tasks.delivery.client_pool import Connections
from tock.local.cloud_tasks.headers import delivery_headers
from tock.local.cloud_tasks.outcome import Answered, Outcome, Unanswered
from tock.local.cloud_tasks.task import RETENTION, Oidc, Task
from tock.local.identity.token_issuer import TokenIssuer

_THROTTLING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
#: How long deliveries share a token, which is valid for an hour: a signature takes about a millisecond.
_TOKEN_REUSE = timedelta(minutes=5)


class HttpSender:
    """Sends attempts; it does not limit how many at once."""

    def __init__(self, *, token_issuer: TokenIssuer | None, clock: Clock) -> None:
        self._token_issuer = token_issuer
        self._clock = clock
        self._tokens: dict[Oidc, tuple[datetime, str]] = {}
        self._connections = Connections()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.close()

    async def send(self, task: Task) -> Outcome:
        """Send the attempt that was just dispatched, and wait until the response has ended or the deadline has passed.

        A redirect is not followed; it counts as any response other than 2xx.
        """
        try:
            async with asyncio.timeout(None) as limit:
                deadline = self._clock.now() + task.dispatch_deadline
                alarm = self._clock.call_at(deadline, callback=lambda: _expire(limit))
                try:
                    return await self._request(task)
                finally:
                    alarm.cancel()
        except TimeoutError:
            return Unanswered(code=code_pb2.DEADLINE_EXCEEDED, message="DEADLINE_EXCEEDED: no response in time")
        except httpx.HTTPError as exc:
            return Unanswered(code=code_pb2.UNAVAILABLE, message=f"UNAVAILABLE: {type(exc).__name__}")

    async def _request(self, task: Task) -> Answered:
        target = task.target
        headers = delivery_headers(task, token=self._token(target.oidc))
        async with (
            self._connections.borrowed() as client,
            client.stream(target.method, target.url, headers=headers, content=target.body or None) as response,
        ):
            async for _ in response.aiter_raw():
                pass
            return Answered(status=response.status_code, retry_after=self._retry_after(response))

    def _token(self, oidc: Oidc | None) -> str | None:
        if oidc is None or self._token_issuer is None:
            return None
        now = self._clock.now()
        minted, token = self._tokens.get(oidc, (None, ""))
        if minted is None or now - minted >= _TOKEN_REUSE:
            token = self._token_issuer.token(email=oidc.email, audience=oidc.audience, now=now)
            self._tokens[oidc] = (now, token)
        return token

    def _retry_after(self, response: httpx.Response) -> timedelta:
        """Return the wait that a 429 or 503 asks for, in seconds or as an HTTP date (RFC 9110, section 10.2.3)."""
        text = response.headers.get("Retry-After", "")
        if response.status_code not in _THROTTLING or not text:
            return timedelta()
        if text.isdecimal():
            return timedelta(seconds=min(float(text), RETENTION.total_seconds()))
        try:
            wait = parsedate_to_datetime(text) - self._clock.now()
        except (ValueError, TypeError):
            return timedelta()
        return max(timedelta(), min(wait, RETENTION))


def _expire(limit: asyncio.Timeout) -> None:
    limit.reschedule(asyncio.get_running_loop().time())
