"""The contract of the store: it reads documents with their version, and applies a Commit as a whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from tock.core.agent import Agent
from tock.core.project import ApiKey, Project
from tock.core.run.event import Chunk, Event
from tock.core.run.lock import Lock
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.core.scheduler_state import SchedulerState
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger

Document = Project | Agent | Trigger | Revision | Run | Lock | ApiKey | Chunk
T_co = TypeVar("T_co", bound=Document, covariant=True)


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T_co]):
    """A document as it was read; `version` is the store's own mark of this state, which every write changes."""

    value: T_co
    version: Any


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored trigger that no longer parses: its ids, its version, and why."""

    project: str
    id: str
    version: Any
    problem: str


@dataclass(frozen=True, slots=True)
class Create:
    """Create the document; the Commit conflicts if the document exists."""

    value: Document


@dataclass(frozen=True, slots=True)
class Change:
    """Write the fields that differ between the two; the Commit conflicts unless the document is still as it was read.

    If no field differs, the Commit only checks that precondition, and the document keeps its version.
    """

    before: Versioned[Document]
    after: Document


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the document; with a version, the Commit conflicts unless the document is still as it was read.

    Without a version there is no precondition: the document may be gone already.
    """

    value: Document
    version: Any = None


@dataclass(frozen=True, slots=True)
class DisableUnreadable:
    """Disable a trigger that no longer parses, so that it is no longer due; the Commit conflicts if it was changed.

    The stored document gets the reason. `at` is the time of the write.
    """

    trigger: Unreadable
    at: datetime


Write = Create | Change | Delete | DisableUnreadable


@dataclass(frozen=True, slots=True)
class RunFilter:
    """The runs that a listing shows; None means any."""

    status: RunStatus | None = None
    agent: str | None = None
    trigger: str | None = None
    source: RunSource | None = None
    #: Runs scheduled at or after it.
    since: datetime | None = None
    #: Runs scheduled before it.
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """A page of a listing; `next_token` continues it, or is None at the end."""

    items: tuple[T_co, ...]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class DuePage:
    """A page of due triggers, oldest first; `cursor` continues after it, or is None if the page was not full."""

    triggers: tuple[Versioned[Trigger] | Unreadable, ...]
    cursor: Any


class Store(Protocol):
    """Keeps every document of Tock.

    Every method may raise StoreUnavailable: the store did not answer. A commit may have been applied nevertheless.

    A document that no longer parses never hides others: `due_triggers` returns it as Unreadable, the other listings
    omit and log it, and only a read of that very document raises DocumentUnreadable. A read by a text that cannot be an
    id finds no document. A listing raises InvalidArgument for a token of another listing or of other filters.
    """

    async def commit(self, writes: Sequence[Write]) -> Any:
        """Apply all writes or none, and return the version that every written document has now.

        Raises CommitConflict when a precondition did not hold. This is ambiguous: an earlier, unacknowledged try of
        the same Commit may have caused the conflict. Raises InvalidArgument, and writes nothing, when a document is
        larger than 1 MiB, the Commit is larger than 4 MiB, or a value cannot be stored: an integer beyond 64 bits, a
        text that is not Unicode. Fields of free JSON accept any value.
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

    async def overdue_runs(self, *, until: datetime, limit: int) -> Sequence[Versioned[Run]]:
        """Return runs of all projects with `check_at <= until`, oldest first, at most `limit`."""
        ...

    async def project(self, project: str) -> Versioned[Project] | None:
        """Return the project, or None."""
        ...

    async def agent(self, project: str, agent: str) -> Versioned[Agent] | None:
        """Return the agent, or None."""
        ...

    async def trigger(self, project: str, trigger: str) -> Versioned[Trigger] | None:
        """Return the trigger, or None."""
        ...

    async def revisions(self, project: str, trigger: str, *, since: datetime) -> Sequence[Revision]:
        """Return the trigger's revisions that were in force at `since` or later, oldest first.

        A deleted trigger still has its revisions. Raises DocumentUnreadable when one of them no longer parses: the
        proof needs every one.
        """
        ...

    async def run(self, project: str, run: str) -> Versioned[Run] | None:
        """Return the run, or None."""
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

    async def events(self, project: str, run: str, *, since: int, limit: int) -> Sequence[Event]:
        """Return the run's events with `seq > since`, in ascending order, at most `limit`."""
        ...

    async def scheduler(self) -> SchedulerState | None:
        """Return the state that the last tick recorded, or None before the first tick."""
        ...

    async def record_tick(self, state: SchedulerState) -> None:
        """Store the state of a tick; it replaces the one before, without a precondition."""
        ...

    async def backlog(self, *, until: datetime) -> Mapping[str, int]:
        """Return how many triggers are due (`triggers`) and how many runs are overdue (`runs`) at `until`."""
        ...
