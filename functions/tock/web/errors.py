"""Every refusal of an HTTP edge that no use case takes part in; each is an answer of its own.

TockError
└── Refusal                a request that never reaches a use case
    ├── InvalidRequest     fields of the request hold what cannot be accepted
    ├── NotJson            the body is not JSON
    ├── WrongContentType   the body is announced as something else than JSON
    ├── BodyTooLarge       the body is longer than any request needs
    ├── Unauthenticated    no bearer token, or one that opens nothing
    ├── Forbidden          a token that opens something else
    ├── AccessUnset        the deployment has not been told whom to let in
    ├── DeliverAgain       a task that comes too early, amid changes, or to a process that ends
    ├── NoRoute            no such path
    └── WrongMethod        the path does not take this method
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tock.core.errors import TockError


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that cannot be accepted: its dotted path as the caller wrote it, its value and the remedy."""

    field: str
    value: Any
    message: str


class Refusal(TockError):
    """A request that never reaches a use case."""


class InvalidRequest(Refusal):
    """Fields of the request hold what cannot be accepted."""

    def __init__(self, field_errors: Iterable[FieldError]) -> None:
        self.field_errors = tuple(field_errors)
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in self.field_errors))


class NotJson(Refusal):
    """The body is not JSON, or not JSON that can be kept."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The body is not acceptable JSON: {problem}.")


class WrongContentType(Refusal):
    """The body is announced as something else than JSON."""

    def __init__(self, content_type: str) -> None:
        given = f"{content_type[:100]!r}" if content_type else "no Content-Type"
        super().__init__(f"The body comes with {given}: send JSON with 'Content-Type: application/json'.")


class BodyTooLarge(Refusal):
    """The body is longer than any request needs."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"The body is longer than {limit} bytes: send less, such as a reference instead of the data.")


class Unauthenticated(Refusal):
    """No bearer token, or one that opens nothing."""

    def __init__(self, problem: str, *, wanted: str = "an API key") -> None:
        super().__init__(f"{problem}: send 'Authorization: Bearer' and {wanted}.")


class Forbidden(Refusal):
    """A token that opens something else."""


class AccessUnset(Refusal):
    """The deployment has not been told whom to let in, so it lets nobody in."""

    def __init__(self, *, settings: str = "TOCK_ADMIN_KEY_HASH") -> None:
        super().__init__(f"This deployment accepts no callers yet: set {settings}.")


class DeliverAgain(Refusal):
    """A task that comes too early, amid changes of the runs around it, or to a process that was told to end."""

    def __init__(self, *, receipt: str) -> None:
        super().__init__(f"Nothing was done ({receipt}): deliver the task again.")


class NoRoute(Refusal):
    """There is no such path."""

    def __init__(self, path: str) -> None:
        super().__init__(f"There is nothing at {path[:200]!r}.")


class WrongMethod(Refusal):
    """The path does not take this method."""

    def __init__(self, method: str, *, allowed: Iterable[str]) -> None:
        self.allowed = tuple(sorted(allowed))
        super().__init__(f"This path does not take {method}: it takes {', '.join(self.allowed)}.")
