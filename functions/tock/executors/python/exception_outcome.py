"""Turns an agent's exception into a failed attempt."""

from tock.core.run.outcome import Failed
from tock.executors.python.agent_error import AgentError

#: The most characters of a message: enough for a person, few enough to store one with every attempt.
MAX_MESSAGE = 4_000


def failure_of(exc: BaseException) -> Failed:
    """Return the failure that an agent's exception stands for.

    Its type is the exception's class name. It is retryable unless an AgentError says otherwise or the exception would
    come again in every attempt: invalid data, a missing permission.
    """
    match exc:
        case AgentError():
            retryable, retry_after = exc.retryable, exc.retry_after
        case _:
            retryable, retry_after = not _is_permanent(exc), None
    return Failed(type=type(exc).__name__, message=_message(exc), retryable=retryable, retry_after=retry_after)


def _is_permanent(exc: BaseException) -> bool:
    from pydantic import ValidationError  # noqa: PLC0415 imported lazily: only a failed attempt needs it

    return isinstance(exc, ValidationError | PermissionError)


def _message(exc: BaseException) -> str:
    try:
        text = str(exc)
    except Exception as unreadable:  # noqa: BLE001 the agent wrote __str__, and whatever it raises becomes an outcome
        text = f"the message cannot be read: {type(unreadable).__name__}"
    text = text.encode(errors="replace").decode()
    return (text or type(exc).__name__)[:MAX_MESSAGE]
