"""The contract of the store: it reads documents with their version, and applies a Commit as a whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from tock.core.agent import Agent
from tock.core.project import ApiKey, DeletedProject, Project
from tock.core.run.event import Chunk, Event
from tock.core.run.last_run import LastRun
from tock.core.run.lock import Lock
from tock.core.run.run import Run
from tock.core.run.signal import Signal
from tock.core.run.slot import Slot
from tock.core.run.status import RunSource, RunStatus
from tock.core.scheduler_state import SchedulerState
from tock.core.session import Session, SessionPart
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.core.usage.day import UsageDay

Document = (
    Project
    | DeletedProject
    | Agent
    | Trigger
    | Revision
    | Run
    | Lock
    | ApiKey
    | Chunk
    | Signal
    | Slot
    | Session
    | SessionPart
    | UsageDay
)
T_co = TypeVar("T_co", bound=Document, covariant=True)


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T_co]):
    """A document as it was read; `version` is the store's own mark of this state, which every write changes."""

    value: T_co
    version: Any
    #: Whether `value` stands in for a stored document that cannot be read. A Change of it writes the whole document.
    restored: bool = False


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


@dataclass(frozen=True, slots=True)
class RunFilter:
    """The runs that a listing shows; None, or no status at all, means any."""

    #: Runs with one of these statuses.
    statuses: frozenset[RunStatus] = frozenset()
    agent: str | None = None
    trigger: str | None = None
    source: RunSource | None = None
    #: Runs scheduled at or after it.
    since: datetime | None = None
    #: Runs scheduled before it.
    until: datetime | None = None

    @property
    def only_trigger(self) -> bool:
        """Whether it names a trigger and, apart from times, nothing else."""
        return self.trigger is not None and not (self.statuses or self.agent or self.source)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A page of a listing; `next_token` continues it, or is None at the end.

    Documents that cannot be read count towards the size of the page too.
    """

    items: tuple[T_co, ...]
    next_token: str | None
    #: The documents of the page that cannot be read, in the order of the listing.
    unreadable: tuple[Unreadable, ...] = ()

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


class Store(Protocol):
    """Keeps every document of Tock.

    Every method may raise StoreUnavailable: the store did not answer. A commit may have been applied nevertheless.

    A document that no longer parses, or that holds what cannot be shown as JSON (more than 64 levels, half of a
    surrogate pair, a number that is not finite), never hides others: listings return it as Unreadable, and only a read
    of that very document raises DocumentUnreadable. A listing leaves out documents whose field that orders it is absent
    or of another type, and one of runs those in no shard of the store, unless it asks for one trigger alone. A read by
    a text that cannot be an id finds no document. A listing raises InvalidArgument for a token of another listing or
    of other filters.
    """

    async def commit(self, writes: Sequence[Write]) -> Any:
        """Apply all writes or none, and return the version that every written document has now.

        Raises CommitConflict when a precondition did not hold. This is ambiguous: an earlier, unacknowledged try of
        the same Commit may have caused the conflict. Raises InvalidArgument, and writes nothing, when a document is
        larger than 1 MiB, the Commit is larger than 4 MiB, or a value cannot be stored: an integer beyond 64 bits, a
        text that is not Unicode. Fields of free JSON accept any value, but one that cannot be
        shown makes the document unreadable.
        """
        ...

    async def due_triggers(
        self,
        *,
        until: datetime,
        limit: int,
        cursor: Any = None,
        shards: Sequence[int] | None = None,
        project: str | None = None,
    ) -> DuePage:
        """Return triggers with `next_run_at <= until`, oldest first, at most `limit`, after the cursor.

        `shards` restricts them to these shards; None means all shards of the store. `project` restricts them to this
        project; None means all, projects without a document of their own included. A cursor continues the query that
        it came from, even if the triggers of the page before have been changed or deleted since.
        """
        ...

    async def due_count(self, *, until: datetime, most: int) -> int:
        """Return how many triggers of all projects have `next_run_at <= until`; at least `most` are counted as `most`.

        It reads no document. Firestore takes a read for each thousand that it counts.
        """
        ...

    async def overdue_runs(self, *, until: datetime, limit: int) -> Sequence[Versioned[Run] | Unreadable]:
        """Return runs of all projects with `check_at <= until`, oldest first, at most `limit`."""
        ...

    async def project(self, project: str) -> Versioned[Project] | None:
        """Return the project, or None."""
        ...

    async def deleted_project(self, project: str) -> Versioned[DeletedProject] | None:
        """Return what is kept of the project that was deleted last under this id, or None."""
        ...

    async def remains(self, project: str) -> frozenset[str]:
        """Return which kinds of documents of the project are stored, whether the project exists or not.

        The kinds are `agent`, `trigger`, `revision`, `run`, `API key` and `usage`; documents that no listing shows
        count too.
        """
        ...

    async def agent(self, project: str, agent: str) -> Versioned[Agent] | None:
        """Return the agent, or None."""
        ...

    async def trigger(self, project: str, trigger: str) -> Versioned[Trigger] | None:
        """Return the trigger, or None."""
        ...

    async def revisions(self, project: str, trigger: str, *, since: datetime) -> Sequence[Revision | Unreadable]:
        """Return the trigger's revisions that were in force at `since` or later, oldest first.

        A deleted trigger still has its revisions. The id of an unreadable one is its number.
        """
        ...

    async def run(self, project: str, run: str) -> Versioned[Run] | None:
        """Return the run, or None."""
        ...

    async def last_run(self, project: str, trigger: str) -> LastRun | None:
        """Return the trigger's run that started last; None if none has started, or if that one cannot be read."""
        ...

    async def lock(self, project: str, lock: str) -> Versioned[Lock] | None:
        """Return the lock, or None."""
        ...

    async def api_key(self, project: str, key: str) -> Versioned[ApiKey] | None:
        """Return the API key, or None."""
        ...

    async def projects(self, *, limit: int, token: str | None) -> Page[Project]:
        """Return the projects in the order of their ids."""
        ...

    async def agents(self, project: str, *, limit: int, token: str | None) -> Page[Agent]:
        """Return the project's agents, newest first."""
        ...

    async def triggers(self, project: str, *, limit: int, token: str | None, agent: str | None = None) -> Page[Trigger]:
        """Return the project's triggers, newest first."""
        ...

    async def runs(self, project: str, *, matching: RunFilter, limit: int, token: str | None) -> Page[Run]:
        """Return the project's runs, the latest `scheduled_for` first."""
        ...

    async def api_keys(self, project: str, *, limit: int, token: str | None) -> Page[ApiKey]:
        """Return the project's API keys in the order of their ids."""
        ...

    async def events(self, project: str, run: str, *, since: int, limit: int) -> EventPage:
        """Return the run's events with `seq > since`, in ascending order, at most `limit`."""
        ...

    async def signals(self, project: str, run: str, *, since: int, limit: int) -> Sequence[Versioned[Signal]]:
        """Return the run's signals with `number > since`, in ascending order, at most `limit`.

        A signal that cannot be read is left out.
        """
        ...

    async def slots(self, project: str, scope: str) -> Sequence[Versioned[Slot]]:
        """Return the slots of this limit that are taken."""
        ...

    async def runs_in_line(self, project: str, scope: str, *, limit: int) -> Sequence[Versioned[Run]]:
        """Return the runs that wait in line for a slot of this limit, the earliest `scheduled_for` first.

        One that cannot be read is left out.
        """
        ...

    async def usage(
        self, project: str, *, since: datetime, until: datetime, limit: int, cursor: Any = None
    ) -> UsagePage:
        """Return the project's usage of the days from `since` to before `until`, at most `limit` documents.

        One that cannot be read is left out.
        """
        ...

    async def session(self, project: str, session: str) -> Versioned[Session] | None:
        """Return the session, or None."""
        ...

    async def session_part(self, project: str, session: str, part: str) -> Versioned[SessionPart] | None:
        """Return a part of the session's state, or None."""
        ...

    async def scheduler(self) -> SchedulerState | None:
        """Return the state that the last tick recorded; None before the first tick, or if the state cannot be read."""
        ...

    async def record_tick(self, state: SchedulerState) -> None:
        """Store the state of a tick; it replaces the one before, without a precondition."""
        ...

    async def backlog(self, *, until: datetime) -> Mapping[str, int]:
        """Return how many triggers are due (`triggers`) and how many runs are overdue (`runs`) at `until`."""
        ...
