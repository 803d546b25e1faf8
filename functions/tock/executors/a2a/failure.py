"""Turns what goes wrong between Tock and an Agent2Agent server into the failure of an attempt."""

from collections.abc import Iterator
from datetime import datetime

import httpx
from a2a.utils.errors import A2AError, InternalError

from tock.core.errors import InvalidArgument, Unavailable
from tock.core.run.gate import message_of
from tock.core.run.outcome import Failed
from tock.executors.outbound.retry_after import retry_after

#: Statuses below 500 after which the same request may succeed: Request Timeout, Too Early, Too Many Requests.
_RETRYABLE = {408, 425, 429}
_SERVER_ERROR = 500


def failure_of(exc: Exception, *, now: datetime) -> Failed:
    """Return the failure: broken connections, 408, 425, 429, 5xx and the server's internal errors are retryable."""
    known = [failure for cause in _causes(exc) if (failure := _known(cause, now=now)) is not None]
    if known:
        return known[0]
    return Failed(type="unusable_answer", message=message_of(f"{type(exc).__name__}: {exc}"), retryable=False)


def connection_broke(exc: Exception) -> bool:
    """Whether this is about a connection that broke or fell silent, and not about what came over it."""
    return any(isinstance(cause, httpx.TransportError) for cause in _causes(exc))


def _known(exc: BaseException, *, now: datetime) -> Failed | None:
    match exc:
        case InvalidArgument():
            kind = {"config.url": "address_refused", "state": "invalid_state"}.get(exc.field, "unusable_answer")
            return Failed(type=kind, message=message_of(exc), retryable=False)
        case Unavailable():
            return Failed(type=type(exc).__name__, message=message_of(exc), retryable=True)
        case httpx.HTTPStatusError():
            status = exc.response.status_code
            retryable = status >= _SERVER_ERROR or status in _RETRYABLE
            wait = retry_after(exc.response.headers.get("retry-after", ""), now=now) if retryable else None
            message = f"The agent's server answered {status} to {exc.request.method} {exc.request.url}."
            return Failed(type=f"http_{status}", message=message_of(message), retryable=retryable, retry_after=wait)
        case httpx.RequestError():
            reason = f"{type(exc).__name__}: {exc}".rstrip(": ")
            message = f"No answer from the agent's server: {reason}"
            return Failed(type="connection_failed", message=message_of(message), retryable=True)
        case A2AError() if exc.__cause__ is None:
            return Failed(type=type(exc).__name__, message=message_of(exc), retryable=isinstance(exc, InternalError))
    return None


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """Yield what the exception was raised from, the first cause first."""
    chain: list[BaseException] = []
    while exc is not None and exc not in chain:
        chain.append(exc)
        exc = exc.__cause__
    yield from reversed(chain)
