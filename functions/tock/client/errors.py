"""Every error that the client raises.

TockClientError
├── InvalidArgument      a value cannot be sent; also a tock.InvalidArgument, which contexts raise, and a ValueError
├── NotConfigured        no server or no project is known, or the server's URL cannot be used
├── ConnectionFailed     the server does not answer, or the connection broke
│   └── RequestTimedOut  the server did not answer in time
├── NotTock              a server answers, but not as Tock's API of this client's version does
├── ApiError             Tock refused the request, or failed: status, code, message, and each field with its remedy
│   ├── InvalidRequest   a field, a header or the body cannot be accepted (400, 415)
│   ├── Unauthenticated  there is no key, or it is not valid (401)
│   ├── Forbidden        the key is valid, but not for this (403)
│   ├── NotFound         there is no such resource, or the key does not open its project (404)
│   ├── UnknownOperation the server does not know the operation: it has another version than this client (404, 405)
│   ├── Conflict         the state of a resource does not allow this (409)
│   │   ├── AlreadyExists  the id is taken
│   │   ├── ActiveRun      the subject has an active run
│   │   └── Unreadable     the stored document cannot be read
│   ├── RevisionConflict the resource was changed meanwhile (412)
│   ├── TooLarge         the body is too long (413)
│   ├── Unavailable      a service did not answer, or another change was faster (503)
│   └── ServerDefect     a defect of Tock (500, and every code that this client does not know)
├── RunStillActive       the run has not ended in time; also a TimeoutError
└── RunNotSucceeded      the run ended, but not as succeeded
    ├── RunFailed
    ├── RunTimedOut
    ├── RunCancelled
    ├── RunSkipped
    └── RunMissed
"""

from datetime import timedelta

from tock.core import errors as core
from tock.web.problem_document import FieldProblem, Problem
from tock.web.resources.runs.run import RunResource


class TockClientError(Exception):
    """The root of the client's errors: what went wrong, and what to do about it."""

    def __init__(self, problem: str, *, remedy: str = "") -> None:
        #: What went wrong, a sentence.
        self.problem = problem
        #: What to do about it, a sentence or more; empty if the problem says it.
        self.remedy = remedy
        super().__init__(f"{problem} {remedy}".strip())


class InvalidArgument(core.InvalidArgument, TockClientError, ValueError):
    """A value cannot be sent to Tock: its `field`, the `value`, and what to write, in `problem`."""


class NotConfigured(TockClientError):
    """No server or no project is known, or the server's URL cannot be used."""


class ConnectionFailed(TockClientError):
    """The server does not answer, or the connection broke. The request may have been served nevertheless."""


class RequestTimedOut(ConnectionFailed):
    """The server did not answer in time. The request may have been served nevertheless."""


class NotTock(TockClientError):
    """A server answers, but not as Tock's API of this client's version does."""

    def __init__(self, problem: str, *, remedy: str, status: int) -> None:
        #: The HTTP status of the answer.
        self.status = status
        super().__init__(problem, remedy=remedy)


class ApiError(TockClientError):
    """Tock refused the request, or failed; `problem_document` is its answer (RFC 9457)."""

    def __init__(self, problem: Problem, *, etag: str | None = None, remedy: str = "") -> None:
        self.problem_document = problem
        #: The mark of a stored document that cannot be read, for a later `if_match`; None otherwise.
        self.etag = etag
        super().__init__(problem.detail or problem.title, remedy=remedy)
        for error in self.errors:
            if error.message not in self.problem:
                self.add_note(f"{error.field}: {error.message}")

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem_document.status

    @property
    def code(self) -> str:
        """The stable code, such as `not_found`."""
        return self.problem_document.code

    @property
    def errors(self) -> tuple[FieldProblem, ...]:
        """The fields that cannot be accepted: each with its value, and a message with the remedy."""
        return self.problem_document.errors


class InvalidRequest(ApiError):
    """A field, a header or the body cannot be accepted."""


class Unauthenticated(ApiError):
    """There is no key, or it is not valid."""


class Forbidden(ApiError):
    """The key is valid, but not for this request."""


class NotFound(ApiError):
    """There is no such resource, or the key does not open its project."""


class UnknownOperation(ApiError):
    """The server does not know the operation: it has another version than this client."""


class Conflict(ApiError):
    """The state of the resource, or of another one, does not allow this."""


class AlreadyExists(Conflict):
    """The id is taken."""


class ActiveRun(Conflict):
    """The subject has an active run."""

    @property
    def run(self) -> str | None:
        """The id of the active run."""
        return self.problem_document.active_run


class Unreadable(Conflict):
    """The stored document cannot be read; `etag` is its mark, with which it can be replaced or deleted."""


class RevisionConflict(ApiError):
    """The resource was changed meanwhile: read it again and repeat the change."""


class TooLarge(ApiError):
    """The body is too long."""


class Unavailable(ApiError):
    """A service did not answer, or a concurrent change was faster; `transient` says whether to try again."""

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later without any change."""
        return self.problem_document.transient


class ServerDefect(ApiError):
    """A defect of Tock; the log of the deployment says more."""


class RunStillActive(TockClientError, TimeoutError):
    """The run has not ended in time; it goes on."""

    def __init__(self, run: RunResource, *, waited: timedelta) -> None:
        #: The run as it was read last.
        self.run = run
        super().__init__(f"Run {run.id} is {run.status} after {waited.total_seconds():g} s; it goes on.")


class RunNotSucceeded(TockClientError):
    """The run ended, but not as succeeded."""

    def __init__(self, run: RunResource) -> None:
        self.run = run
        why = run.reason if run.error is None else f"{run.error.type}: {run.error.message}"
        super().__init__(f"Run {run.id} ended as {run.status}{f': {why}' if why else ''}".rstrip(".") + ".")


class RunFailed(RunNotSucceeded):
    """The last attempt failed or was lost, or no attempt could be made."""


class RunTimedOut(RunNotSucceeded):
    """The last attempt reached its timeout, or nobody answered in time."""


class RunCancelled(RunNotSucceeded):
    """A person, an edit or a replacing run cancelled it."""


class RunSkipped(RunNotSucceeded):
    """Its overlap policy skipped it."""


class RunMissed(RunNotSucceeded):
    """It was dropped: by the catch-up policy, its start deadline, a pause or a deletion."""
