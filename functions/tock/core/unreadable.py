"""A stored document that cannot be read: it no longer parses, or it holds what cannot be shown as JSON."""

from dataclasses import dataclass
from typing import Any

from tock.core.time.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What is known of a stored document that cannot be read."""

    #: What it is, in the words of the errors: `trigger`, `run`, `API key`.
    kind: str
    project: str
    id: str
    #: The store's own mark of this state, which every write changes.
    version: Any
    #: What is wrong, as one line of Unicode text.
    problem: str
    #: Its number of edits, if that can be read.
    revision: int | None = None
    #: When and by whom it was created, if that can be read.
    created: Stamp | None = None

    @property
    def etag(self) -> str:
        """The mark of this state for an `If-Match`: it is no revision of a document that can be read."""
        return f"unreadable-{self.version}"
