"""Every error that Tock raises on purpose; each takes ids and writes its own sentence.

TockError
├── InvalidArgument        a field holds a value that cannot be accepted
├── NotFound               no such project, agent, trigger, run or key
├── AlreadyExists          the id is taken
├── InUse                  it cannot go while something else needs it
├── RevisionMismatch       the resource was changed since the caller read it
├── ActiveRun              the subject has an active run already
├── KeyReused              an idempotency key came again with another request
├── RunNotSettled          the verb needs a settled run
├── RunSettled             the verb needs an active run
├── IllegalTransition      a run was asked to move where its status does not lead (a defect)
├── DocumentUnreadable     a stored document no longer parses
├── CommitConflict         a precondition of a Commit did not hold, or its outcome is ambiguous
└── Unavailable            a part did not answer; the effect may or may not have happened
    ├── StoreUnavailable
    └── QueueUnavailable
"""


class TockError(Exception):
    """The root: everything below it is expected somewhere and mapped there."""

    #: Whether the same call may succeed later without any change.
    transient = False


class InvalidArgument(TockError):
    """A field holds a value that cannot be accepted."""

    def __init__(self, *, field: str, value: object, remedy: str) -> None:
        self.field = field
        self.value = value
        self.remedy = remedy
        super().__init__(f"{field}: {remedy}")


class NotFound(TockError):
    """There is no such thing in the caller's project."""

    def __init__(self, kind: str, identifier: str) -> None:
        self.kind = kind
        self.identifier = identifier
        super().__init__(f"There is no {kind} {identifier!r}.")


class AlreadyExists(TockError):
    """The id is taken."""

    def __init__(self, kind: str, identifier: str) -> None:
        self.kind = kind
        self.identifier = identifier
        super().__init__(f"The {kind} {identifier!r} exists already.")


class InUse(TockError):
    """It cannot go while something else needs it."""

    def __init__(self, kind: str, identifier: str, *, needed_by: str) -> None:
        self.kind = kind
        self.identifier = identifier
        self.needed_by = needed_by
        super().__init__(f"The {kind} {identifier!r} is needed by {needed_by}: delete or change that first.")


class RevisionMismatch(TockError):
    """The resource was changed since the caller read it."""

    def __init__(self, kind: str, identifier: str, *, expected: str, actual: str) -> None:
        self.kind = kind
        self.identifier = identifier
        self.expected = expected
        self.actual = actual
        super().__init__(
            f"The {kind} {identifier!r} is at revision {actual}, not {expected}: read it again and repeat the change."
        )


class ActiveRun(TockError):
    """The subject has an active run already."""

    def __init__(self, *, subject: str, run: str) -> None:
        self.subject = subject
        self.run = run
        super().__init__(f"The subject {subject!r} has an active run, {run}: wait for it, or cancel it first.")


class KeyReused(TockError):
    """An idempotency key came again with another request."""

    def __init__(self, *, key: str, run: str) -> None:
        self.key = key
        self.run = run
        super().__init__(
            f"The Idempotency-Key {key!r} belongs to run {run}, which another request started: use a new key."
        )


class RunNotSettled(TockError):
    """The verb needs a settled run."""

    def __init__(self, run: str, *, status: str, verb: str) -> None:
        self.run = run
        self.status = status
        self.verb = verb
        super().__init__(f"Run {run} is {status}: {verb} needs a settled run. Wait for it, or cancel it first.")


class RunSettled(TockError):
    """The verb needs an active run."""

    def __init__(self, run: str, *, status: str, verb: str) -> None:
        self.run = run
        self.status = status
        self.verb = verb
        super().__init__(f"Run {run} is {status} already: {verb} needs an active run.")


class IllegalTransition(TockError):
    """A run was asked to move where its status does not lead: a defect in the caller."""

    def __init__(self, run: str, *, source: str, target: str) -> None:
        super().__init__(f"Run {run} cannot go from {source} to {target}.")


class DocumentUnreadable(TockError):
    """A stored document no longer parses; `document` is its path."""

    def __init__(self, document: str, *, problem: str) -> None:
        self.document = document
        self.problem = problem
        super().__init__(f"The stored document {document} can no longer be read: {problem}")


class CommitConflict(TockError):
    """A precondition of a Commit did not hold.

    A client may repeat an RPC that in truth succeeded, so the caller looks once whether the winner was itself.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(f"The commit lost a race: {detail}")


class Unavailable(TockError):
    """A part did not answer; the effect may or may not have happened."""

    transient = True

    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class StoreUnavailable(Unavailable):
    """Firestore did not answer in time, or refused for load."""


class QueueUnavailable(Unavailable):
    """Cloud Tasks did not answer in time, or refused for load."""
