"""Turns an agent's exception into a failed attempt."""

from tock.core.run.gate import MAX_ERROR_TYPE, checked_failure, message_of
from tock.core.run.outcome import Failed
from tock.executors.python.agent_error import AgentError


def failure_of(exc: BaseException) -> Failed:
    """Return the failure that an agent's exception stands for, whatever its class.

    Its type is the exception's class name. It is retryable unless an AgentError says otherwise or the exception would
    come again in every attempt: invalid data, a missing permission.
    """
    match exc:
        case AgentError():
            retryable, retry_after = exc.retryable, exc.retry_after
        case _:
            retryable, retry_after = not _is_permanent(exc), None
    name = type(exc).__name__[:MAX_ERROR_TYPE]
    message = message_of(exc) or name
    return checked_failure(Failed(type=name, message=message, retryable=retryable, retry_after=retry_after))


def _is_permanent(exc: BaseException) -> bool:
    from pydantic import ValidationError  # noqa: PLC0415 imported lazily: only a failed attempt needs it

    return isinstance(exc, ValidationError | PermissionError)
