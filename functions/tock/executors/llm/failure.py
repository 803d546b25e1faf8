"""Turns what goes wrong in a conversation into the failure of its attempt."""

from collections.abc import Iterator
from datetime import timedelta

from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelServerError,
    ModelUnavailableError,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
    UserError,
)

from tock.core.errors import InvalidArgument, Unavailable
from tock.core.run.gate import message_of
from tock.core.run.outcome import Failed

_RETRYABLE = (
    ModelConnectionError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelServerError,
    ModelUnavailableError,
)


def failure_of(exc: Exception) -> Failed:
    """Return the failure: retryable for 408, 425, 429, 5xx and broken connections, after the wait that was asked for.

    Everything that would come again in the next attempt is final: a wrong key, a refused address, an exceeded limit, a
    result that does not fit its schema. What is not known here comes from a server of tools, and is retryable.
    """
    causes = tuple(_causes(exc))
    # An address is refused below the libraries, which say only that a connection failed.
    refused = next((cause for cause in causes if isinstance(cause, InvalidArgument)), None)
    if refused is not None:
        return _final(_kind(refused), refused)
    known = next((failure for cause in causes if (failure := _known(cause)) is not None), None)
    unknown = Failed(type="tool_server_failed", message=message_of(f"{type(exc).__name__}: {exc}"), retryable=True)
    return known or unknown


def _known(exc: BaseException) -> Failed | None:
    match exc:
        case ModelAPIError():
            return _model_failure(exc)
        case UsageLimitExceeded():
            return _final("usage_limit", f"{str(exc).partition('. Consider')[0]}.")
        case UnexpectedModelBehavior():
            return _final("unusable_answer", exc)
        case UserError():
            return _final("invalid_config", exc)
        case Unavailable():
            return Failed(type=type(exc).__name__, message=message_of(exc), retryable=True)
    return None


def _final(kind: str, message: object) -> Failed:
    return Failed(type=kind, message=message_of(message), retryable=False)


def _kind(exc: InvalidArgument) -> str:
    if exc.field == "state":
        return "invalid_state"
    return "address_refused" if exc.field == "config.url" else "invalid_config"


def _model_failure(exc: ModelAPIError) -> Failed:
    status = f"http_{exc.status_code}" if isinstance(exc, ModelHTTPError) else "connection_failed"
    retryable = isinstance(exc, _RETRYABLE) or (isinstance(exc, ModelHTTPError) and exc.status_code in {408, 425, 429})
    if isinstance(exc, ModelQuotaExceededError):
        retryable = False
    asked = exc.retry_after
    return Failed(
        type=status,
        message=message_of(f"The model's provider did not answer as it should: {exc}"),
        retryable=retryable,
        retry_after=timedelta(seconds=asked) if retryable and asked is not None and asked >= 0 else None,
    )


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """Yield the exception and what it was raised from, the members of groups included."""
    seen: set[int] = set()
    waiting = [exc]
    while waiting:
        cause = waiting.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
        waiting += [cause.__cause__, cause.__context__]
