"""What a request is about to replace or delete: as it is stored, readable or not, and at the expected revision."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tock.app.as_stored import as_stored
from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.errors import CommitConflict, RevisionMismatch, StoreUnavailable
from tock.core.project import Project
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import Change, Document, Versioned

#: The revision that a caller expects or, of a resource that cannot be read, its mark (`Unreadable.etag`).
Expected = int | str
_Mended = TypeVar("_Mended", Project, Agent)


def require_revision(
    kind: str,
    found: Versioned[Project] | Versioned[Agent] | Versioned[Trigger] | Unreadable,
    *,
    expected: Expected | None,
) -> None:
    """Raise RevisionMismatch unless the resource is at the expected revision; None accepts any."""
    identifier = found.id if isinstance(found, Unreadable) else found.value.id
    actual: Expected = found.etag if isinstance(found, Unreadable) else found.value.revision
    if expected is not None and expected != actual:
        raise RevisionMismatch(kind, identifier, expected=str(expected), actual=str(actual))


async def write_mended(
    services: Services,
    mended: _Mended,
    *,
    found: Unreadable,
    read: Callable[[], Awaitable[Versioned[_Mended] | None]],
) -> None:
    """Write a resource in the place of one that cannot be read, if nobody has changed that since.

    Raises StoreUnavailable if somebody has, or if the store did not answer.
    """
    before: Versioned[Document] = Versioned(mended, found.version, restored=True)
    try:
        await services.store.commit([Change(before=before, after=mended)])
    except CommitConflict as exc:
        # An earlier, unacknowledged try may have written it.
        now = await as_stored(read())
        if not isinstance(now, Versioned) or now.value != mended:
            raise StoreUnavailable(f"The {found.kind} {found.id!r} was changed just now: try again.") from exc
