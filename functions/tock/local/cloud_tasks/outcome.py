"""The outcome of one delivery attempt."""

import http
from dataclasses import dataclass
from datetime import timedelta

from google.rpc import code_pb2

_SUCCESS = range(200, 300)
_SERVER_ERRORS = range(500, 600)
_CODES: dict[int, int] = {
    http.HTTPStatus.BAD_REQUEST: code_pb2.INVALID_ARGUMENT,
    http.HTTPStatus.UNAUTHORIZED: code_pb2.UNAUTHENTICATED,
    http.HTTPStatus.FORBIDDEN: code_pb2.PERMISSION_DENIED,
    http.HTTPStatus.NOT_FOUND: code_pb2.NOT_FOUND,
    http.HTTPStatus.CONFLICT: code_pb2.ABORTED,
    http.HTTPStatus.TOO_MANY_REQUESTS: code_pb2.RESOURCE_EXHAUSTED,
    http.HTTPStatus.NOT_IMPLEMENTED: code_pb2.UNIMPLEMENTED,
    http.HTTPStatus.SERVICE_UNAVAILABLE: code_pb2.UNAVAILABLE,
    http.HTTPStatus.GATEWAY_TIMEOUT: code_pb2.DEADLINE_EXCEEDED,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """The target sent an HTTP response."""

    status: int
    #: The wait that the target asks for (`Retry-After` of a 429 or 503).
    retry_after: timedelta = timedelta()

    @property
    def succeeded(self) -> bool:
        """Whether the status is 2xx; every other status is a failure."""
        return self.status in _SUCCESS

    @property
    def executed(self) -> bool:
        """Whether the response counts as an execution: a 5xx does not."""
        return self.status not in _SERVER_ERRORS

    @property
    def code(self) -> int:
        """The google.rpc.Code that corresponds to the HTTP status."""
        if self.succeeded:
            return int(code_pb2.OK)
        other = int(code_pb2.UNKNOWN if self.executed else code_pb2.INTERNAL)
        return _CODES.get(self.status, other)

    @property
    def message(self) -> str:
        """The outcome as text."""
        return f"HTTP status {self.status}"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The connection failed, or the dispatch deadline passed, before the response ended."""

    code: int
    message: str


Outcome = Answered | Unanswered
