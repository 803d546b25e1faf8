"""The exception with which an agent says how its attempt failed."""

from datetime import timedelta


class AgentError(Exception):
    """Raise it in an agent to fail the attempt with a message for a person.

    `retryable` says whether another attempt may succeed, `retry_after` is the shortest wait before it.
    """

    def __init__(self, message: str, *, retryable: bool = True, retry_after: timedelta | None = None) -> None:
        self.retryable = retryable
        self.retry_after = retry_after
        super().__init__(message)
