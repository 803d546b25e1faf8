"""The errors that HTTP handlers raise themselves, in addition to those of the use cases.

TockError (tock.core.errors)
└── Refusal                a handler refuses the request
    ├── InvalidRequest     fields of the request hold values that cannot be accepted
    │   └── ForeignHost    a stack that asks for no key is called by a name that is not this machine's
    ├── NotJson            the body is not JSON
    ├── WrongContentType   the Content-Type of the body is not JSON
    ├── BodyTooLarge       the body is longer than any request needs
    ├── Unauthenticated    there is no bearer token, or it is not valid
    │   └── RunTokenEnded  the run of the token has ended
    ├── Forbidden          the token is valid, but not for this request
    │   ├── FormExpired    the form does not come from a page that this browser was shown
    │   └── ForeignPage    a page of another site calls a stack that asks for no key
    ├── AccessUnset        nobody may call, because access is not configured
    ├── DeliverAgain       the task came too early, the runs around it kept changing, or the process is ending
    ├── NoRoute            no such path
    └── WrongMethod        the path does not take this method

NotFound (tock.core.errors)
└── ForeignProject         the caller's key does not open the project
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tock.core.errors import NotFound, TockError


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field whose value cannot be accepted: its dotted path as the caller wrote it, its value and the remedy."""

    field: str
    value: Any
    message: str


class Refusal(TockError):
    """A handler refuses the request."""


class InvalidRequest(Refusal):
    """Fields of the request hold values that cannot be accepted."""

    def __init__(self, field_errors: Iterable[FieldError], *, omitted: int = 0) -> None:
        self.field_errors = tuple(field_errors)
        #: How many further fields are wrong.
        self.omitted = omitted
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in self.field_errors))


class ForeignHost(InvalidRequest):
    """A local stack that asks for no key is called by a name that is not this machine's."""

    def __init__(self, host: str) -> None:
        remedy = (
            "is no name of this machine, and this stack asks for no key: call it at 127.0.0.1 or localhost, set "
            "TOCK_API_URL to the URL by which you reach it, or set TOCK_ADMIN_KEY_HASH so that callers need a key"
        )
        super().__init__([FieldError(field="Host", value=host, message=remedy)])


class NotJson(Refusal):
    """The body is not JSON, or holds JSON that cannot be stored."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The body is not acceptable JSON: {problem}.")


class WrongContentType(Refusal):
    """The Content-Type of the body is not JSON."""

    def __init__(self, content_type: str) -> None:
        given = f"{content_type[:100]!r}" if content_type else "no Content-Type"
        super().__init__(f"The body comes with {given}: send JSON with 'Content-Type: application/json'.")


class BodyTooLarge(Refusal):
    """The body is longer than any request needs."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"The body is longer than {limit} bytes: send less, such as a reference instead of the data.")


class Unauthenticated(Refusal):
    """There is no bearer token, or it is not valid."""

    def __init__(self, problem: str, *, wanted: str = "an API key", claimed: str | None = None) -> None:
        #: The existing key that the token names without knowing its secret; only the log says it.
        self.claimed = claimed
        super().__init__(f"{problem}: send 'Authorization: Bearer' and {wanted}.")


class RunTokenEnded(Unauthenticated):
    """The run of the token has ended, so that the token opens nothing any more."""

    def __init__(self, run: str, *, status: str) -> None:
        self.claimed = f"run:{run}"
        Refusal.__init__(self, f"Run {run} has ended ({status}): its token opens nothing any more.")


class Forbidden(Refusal):
    """The token is valid, but not for this request."""


class FormExpired(Forbidden):
    """The form does not come from a page of the console that this browser was shown."""

    def __init__(self) -> None:
        super().__init__("Nothing was done, because the form's page is too old: load it and send the form again.")


class ForeignPage(Forbidden):
    """A page of another site calls a local stack that asks for no key."""

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"A page of {origin[:200]!r} may change nothing here, because this stack asks for no key: open the console "
            "at 127.0.0.1 or localhost, or set TOCK_ADMIN_KEY_HASH so that callers need a key."
        )


class ForeignProject(NotFound):
    """The caller's key does not open the project: to this caller it does not exist."""

    def __init__(self, project: str) -> None:
        super().__init__("project", project)


class AccessUnset(Refusal):
    """Nobody may call, because access is not configured."""

    def __init__(self, *, settings: str = "TOCK_ADMIN_KEY_HASH", callers: str = "callers") -> None:
        super().__init__(f"This deployment accepts no {callers} yet: set {settings}.")


class DeliverAgain(Refusal):
    """The task came too early, the runs around it kept changing, or the process is ending."""

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
