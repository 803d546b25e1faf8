"""The writes that a Commit consists of, each with its precondition."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tock.core.unreadable import Unreadable
from tock.core.usage.day import UsageDay
from tock.ports.store.documents import Document, Versioned


@dataclass(frozen=True, slots=True)
class Create:
    """Create the document; the Commit conflicts if the document exists."""

    value: Document


@dataclass(frozen=True, slots=True)
class Change:
    """Write the fields that differ between the two; the Commit conflicts unless the document is still as it was read.

    If no field differs, the Commit only checks that precondition, and the document keeps its version. If `before` is
    restored, the whole document is written, and no field of the unreadable one stays.
    """

    before: Versioned[Document]
    after: Document


@dataclass(frozen=True, slots=True)
class Add:
    """Add the value's counters (COUNTERS) to those that are stored; a document that does not exist is created.

    There is no precondition, so only the other writes of its Commit can keep it from being applied twice.
    """

    value: UsageDay


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the document; with a version, the Commit conflicts unless the document is still as it was read.

    Without a version there is no precondition: the document may be gone already.
    """

    value: Document | Unreadable
    version: Any = None

    @classmethod
    def of(cls, found: Versioned[Document] | Unreadable) -> "Delete":
        """Return the deletion of a document that must still be as it was read."""
        return cls(found if isinstance(found, Unreadable) else found.value, version=found.version)


@dataclass(frozen=True, slots=True)
class DisableUnreadable:
    """Disable a trigger that cannot be read, so that it is no longer due; the Commit conflicts if it was changed.

    The stored document gets the reason. `at` is the time of the write.
    """

    trigger: Unreadable
    at: datetime


@dataclass(frozen=True, slots=True)
class FailUnreadable:
    """End a run that cannot be read as failed, so that it is no longer overdue; the Commit conflicts if it was changed.

    The stored document gets the reason. `at` is the time of the write, `expire_at` when the store may delete the run.
    """

    run: Unreadable
    at: datetime
    expire_at: datetime


Write = Create | Change | Add | Delete | DisableUnreadable | FailUnreadable
