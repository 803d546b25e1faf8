"""What a listing is asked for, and its pages; a document that cannot be read never hides the others of its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from tock.core.run.events.event import Event
from tock.core.run.status import RunSource, RunStatus
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.core.usage.day import UsageDay
from tock.ports.store.documents import T_co, Versioned

#: How many runs are put in order at most by what no index holds.
MOST_SORTED = 5_000
#: How far a list is counted for people. Price: a read for each thousand, besides those of the page.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class RunFilter:
    """The runs that a listing shows; None, or no status at all, means any."""

    #: Runs with one of these statuses.
    statuses: frozenset[RunStatus] = frozenset()
    agent: str | None = None
    trigger: str | None = None
    source: RunSource | None = None
    #: Runs of this subject; a run without one has none.
    subject: str | None = None
    #: Runs scheduled at or after it.
    since: datetime | None = None
    #: Runs scheduled before it.
    until: datetime | None = None
    #: Runs whose id begins with it; nothing else may be set then.
    id_prefix: str | None = None

    @property
    def only_trigger(self) -> bool:
        """Whether it names a trigger and, apart from times, nothing else."""
        return self.trigger is not None and not (self.statuses or self.agent or self.source or self.subject)


@dataclass(frozen=True, slots=True)
class Total:
    """How many documents a whole listing has."""

    count: int
    #: Whether it has no more than these: counting may have ended there.
    exact: bool = True

    @classmethod
    def counted(cls, count: int, *, most: int) -> "Total":
        """Return the total to show for a count that went one further than `most` at the most."""
        return cls(min(count, most), exact=count <= most)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A page of a listing; `next_token` continues it, or is None at the end.

    Documents that cannot be read count towards the size of the page too.
    """

    items: tuple[T_co, ...]
    next_token: str | None
    #: The documents of the page that cannot be read, in the order of the listing.
    unreadable: tuple[Unreadable, ...] = ()
    #: How many documents the whole listing has; None if nobody counted them.
    total: Total | None = None

    @property
    def found(self) -> tuple[T_co | Unreadable, ...]:
        """All documents of the page, those that cannot be read behind the others."""
        return (*self.items, *self.unreadable)


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events of a run in ascending order, and those that cannot be read."""

    events: tuple[Event, ...]
    #: Each has its number as its id or, where many are unreadable together, the first and the last (`7-12`).
    unreadable: tuple[Unreadable, ...]
    #: The highest number of both; that of the request if there are none.
    last_seq: int


@dataclass(frozen=True, slots=True)
class UsagePage:
    """A page of usage, the earliest days first; `cursor` continues after it, or is None if the page was not full."""

    days: tuple[UsageDay, ...]
    cursor: Any


@dataclass(frozen=True, slots=True)
class DuePage:
    """A page of due triggers, oldest first; `cursor` continues after it, or is None if the page was not full."""

    triggers: tuple[Versioned[Trigger] | Unreadable, ...]
    cursor: Any
