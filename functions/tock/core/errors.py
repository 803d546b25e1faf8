"""Every error that Tock raises on purpose; each takes ids and writes its own message.

TockError
├── InvalidArgument        a field holds a value that Tock does not accept
│   └── FailedPrecondition it names something whose state does not allow this now
├── NotFound               there is no such project, agent, trigger, run or key
├── AlreadyExists          another resource has this id
├── IdRetained             records of a deleted project of this id are still stored
├── InUse                  the resource cannot be deleted while another one needs it
├── BeingDeleted           nothing can be created in a project that is being deleted
├── RevisionMismatch       the resource was changed after the caller read it
├── ActiveRun              the subject already has an active run
├── KeyReused              an idempotency key was sent again with a different request
├── RunNotSettled          the operation needs a settled run
├── RunSettled             the operation needs an active run
├── SessionMoved           another run saved the session meanwhile
├── RunNotWaiting          the answer fits no wait of the run
├── RunBusy                an attempt of the run is at work, or none has started yet
├── AbilityMissing         agents of this kind cannot do what was asked
├── AttemptEnded           an agent asked for something after the end of its attempt
├── IllegalTransition      a run's status does not allow this transition (a defect in Tock)
├── DocumentUnreadable     a stored document cannot be read
├── CommitConflict         a precondition of a Commit did not hold, or its outcome is ambiguous
└── Unavailable            a service did not answer; the effect may or may not have happened
    ├── StoreUnavailable
    └── QueueUnavailable
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # An import at run time would load pydantic in the process of a plain agent.
    from tock.core.unreadable import Unreadable

#: What a client can do about a document of each kind that cannot be read.
_REMEDIES = {
    "project": "Replace it with PUT, or delete it.",
    "agent": "Replace it with PUT, or delete it.",
    "trigger": "Replace it with PUT, or delete it.",
    "run": "Delete it.",
    "API key": "Delete it, and issue another one.",
}


class TockError(Exception):
    """The root of the errors that some caller expects and maps to an answer."""

    #: Whether the same call, unchanged, may succeed later.
    transient = False


class InvalidArgument(TockError):
    """A field holds a value that Tock does not accept: `field`, `value` and `remedy`.

    People catch it as `tock.InvalidArgument`: what a run's context, `tock.testing` and the client raise.
    """

    def __init__(self, *, field: str, value: object, remedy: str) -> None:
        self.field = field
        self.value = value
        self.remedy = remedy
        super().__init__(f"{field}: {remedy}")


class FailedPrecondition(InvalidArgument):
    """A field names something whose state does not allow this now; the same value may be accepted later."""


class NotFound(TockError):
    """There is no resource of this kind and id in the caller's project."""

    def __init__(self, kind: str, identifier: str) -> None:
        self.kind = kind
        self.identifier = identifier
        super().__init__(f"There is no {kind} {identifier!r}.")


class AlreadyExists(TockError):
    """Another resource of this kind has the id."""

    def __init__(self, kind: str, identifier: str) -> None:
        self.kind = kind
        self.identifier = identifier
        super().__init__(f"The {kind} {identifier!r} exists already.")


class IdRetained(TockError):
    """Records of a deleted project of this id are still stored; its successor would show them as its own."""

    def __init__(self, identifier: str, *, expires: str | None) -> None:
        self.identifier = identifier
        self.expires = expires
        until = "until they expire" if expires is None else f"until about {expires}"
        super().__init__(
            f"The id {identifier!r} belonged to a project that was deleted, and its records stay stored {until}: "
            "choose another id."
        )


class InUse(TockError):
    """The resource cannot be deleted while another one needs it."""

    def __init__(
        self, kind: str, identifier: str, *, needed_by: str, remedy: str = "delete or change that first"
    ) -> None:
        self.kind = kind
        self.identifier = identifier
        self.needed_by = needed_by
        super().__init__(f"The {kind} {identifier!r} is needed by {needed_by}: {remedy}.")


class BeingDeleted(TockError):
    """Nothing can be created in a project that is being deleted."""

    def __init__(self, project: str) -> None:
        self.project = project
        super().__init__(
            f"The project {project!r} is being deleted: delete it again to finish that, or change it to keep it."
        )


class RevisionMismatch(TockError):
    """The resource was changed after the caller read it."""

    def __init__(self, kind: str, identifier: str, *, expected: str, actual: str) -> None:
        self.kind = kind
        self.identifier = identifier
        self.expected = expected
        self.actual = actual
        super().__init__(
            f"The {kind} {identifier!r} is at revision {actual}, not {expected}: read it again and repeat the change."
        )


class ActiveRun(TockError):
    """The subject already has an active run."""

    def __init__(self, *, subject: str, run: str) -> None:
        self.subject = subject
        self.run = run
        super().__init__(f"The subject {subject!r} has an active run, {run}: wait for it, or cancel it first.")


class KeyReused(TockError):
    """An idempotency key was sent again with a different request."""

    def __init__(self, *, key: str, run: str) -> None:
        self.key = key
        self.run = run
        super().__init__(
            f"The Idempotency-Key {key!r} belongs to run {run}, which another request started: use a new key."
        )


class RunNotSettled(TockError):
    """The operation needs a settled run."""

    def __init__(self, run: str, *, status: str, verb: str) -> None:
        self.run = run
        self.status = status
        self.verb = verb
        super().__init__(f"Run {run} is {status}: {verb} needs a settled run. Wait for it, or cancel it first.")


class RunSettled(TockError):
    """The operation needs an active run."""

    def __init__(self, run: str, *, status: str, verb: str) -> None:
        self.run = run
        self.status = status
        self.verb = verb
        super().__init__(f"Run {run} is {status} already: {verb} needs an active run.")


class SessionMoved(TockError):
    """Another run has saved the session since this run began."""

    def __init__(self, session: str, *, run: str) -> None:
        self.session = session
        self.run = run
        super().__init__(f"The session {session!r} went on in run {run}: let one run at a time go on with it.")


class RunNotWaiting(TockError):
    """The answer fits no wait of the run."""

    def __init__(
        self, run: str, *, status: str, wanted: str, waits_for: str | None, attempt: int | None = None
    ) -> None:
        self.run = run
        self.status = status
        state = f"is {status}" if waits_for is None else f"waits for {waits_for}"
        what = wanted if attempt is None else f"the {wanted} of attempt {attempt}"
        remedy = _how_to_answer(waits_for) if wanted != waits_for else " Read what it asks now, then answer that."
        super().__init__(f"Run {run} {state}, and does not wait for {what}: nothing was answered.{remedy}")


def _how_to_answer(waits_for: str | None) -> str:
    """Return a sentence about what ends a wait for this; nothing if a person cannot end it, or there is none."""
    verbs = {"approval": "Approve or reject it", "input": "Answer it"}
    return f" {verbs[waits_for]} instead." if waits_for in verbs else ""


class RunBusy(TockError):
    """An attempt of the run is at work or about to start; the same call may succeed in a moment."""

    def __init__(self, run: str, *, status: str) -> None:
        self.run = run
        self.status = status
        super().__init__(f"Run {run} is {status}, so its runner numbers the events: send them again in some seconds.")


class AbilityMissing(TockError):
    """Agents of this kind cannot do what was asked."""

    def __init__(self, *, run: str, kind: str, verb: str, able: Sequence[str]) -> None:
        self.run = run
        self.kind = kind
        self.verb = verb
        kinds = ", ".join(able) or "none in this deployment"
        super().__init__(
            f"Run {run} is of an agent of kind {kind!r}, which cannot {verb}. The kinds that can: {kinds}."
        )


class AttemptEnded(TockError):
    """An agent asked for something after the end of its attempt."""

    def __init__(self) -> None:
        super().__init__("The attempt has ended: nothing that its agent asks for is done any more.")


class IllegalTransition(TockError):
    """A run's status does not allow this transition: a defect in the caller."""

    def __init__(self, run: str, *, source: str, target: str) -> None:
        super().__init__(f"Run {run} cannot go from {source} to {target}.")


class DocumentUnreadable(TockError):
    """A stored document no longer parses, or holds what cannot be shown; `found` is what is known of it."""

    def __init__(self, found: "Unreadable") -> None:
        self.found = found
        sentence = f"The {found.kind} {found.id!r} is stored, but cannot be read: {found.problem.rstrip('.')}."
        super().__init__(f"{sentence} {_REMEDIES.get(found.kind, '')}".rstrip())


class CommitConflict(TockError):
    """A precondition of a Commit did not hold.

    A client library may repeat an RPC that had succeeded, so the caller reads once to see whether it won itself.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(f"The commit lost a race: {detail}")


class Unavailable(TockError):
    """A service did not answer; the effect may or may not have happened."""

    transient = True

    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class StoreUnavailable(Unavailable):
    """Firestore did not answer in time, or refused the call because of load."""


class QueueUnavailable(Unavailable):
    """Cloud Tasks did not answer in time, or refused the call because of load."""
