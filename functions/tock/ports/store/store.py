"""The contract of the store: it reads documents with their version, and applies a Commit as a whole or not at all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from tock.core.agent.agent import Agent
from tock.core.agent.session import Session, SessionPart
from tock.core.health.scheduler_state import SchedulerState
from tock.core.project import ApiKey, DeletedProject, Project
from tock.core.run.admission.lock import Lock
from tock.core.run.admission.slot import Slot
from tock.core.run.last_run import LastRun
from tock.core.run.messages.signal import Signal
from tock.core.run.order import RunOrder
from tock.core.run.run import Run
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store.documents import Versioned
from tock.ports.store.listings import DuePage, EventPage, Page, RunFilter, UsagePage
from tock.ports.store.writes import Write


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

    async def overdue_ids(self, *, until: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Return the project and the id of each run that `overdue_runs` returns; Firestore takes a read for each.

        The contents of the runs are not read, so the limit may be high.
        """
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

    async def revisions(
        self, project: str, trigger: str, *, since: datetime, back_to_change: bool = False
    ) -> Sequence[Revision | Unreadable]:
        """Return the trigger's revisions that were in force at `since` or later, oldest first.

        With `back_to_change` also those before them, back to the newest one of the generation before that in force at
        `since`: they tell who began that generation, and what it replaced. There, one that cannot be read ends the
        search and is left out. A deleted trigger still has its revisions. The id of an unreadable one is its number.
        """
        ...

    async def run(self, project: str, run: str) -> Versioned[Run] | None:
        """Return the run, or None."""
        ...

    async def last_run(self, project: str, trigger: str) -> LastRun | None:
        """Return the trigger's scheduled run that started last; None if none has started, or if it cannot be read."""
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

    async def trigger_count(self, project: str, *, most: int, agent: str | None = None) -> int:
        """Return how many triggers `triggers` lists; at least `most` are counted as `most`. It costs as `run_count`."""
        ...

    async def runs(
        self,
        project: str,
        *,
        matching: RunFilter,
        limit: int,
        token: str | None,
        order: RunOrder = RunOrder.SCHEDULED_FOR,
    ) -> Page[Run]:
        """Return the project's runs, the largest of what orders them first; those with a prefix come by id.

        No index holds any order but `scheduled_for`, because each run would pay for it. For the others the store reads
        what orders each matching run, and raises InvalidArgument for `sort` if more than MOST_SORTED match.
        """
        ...

    async def run_count(self, project: str, *, matching: RunFilter, most: int) -> int:
        """Return how many runs `runs` lists by `scheduled_for`, or by id; at least `most` are counted as `most`.

        Those that cannot be read count too. It reads no document. Firestore takes a read for each thousand that it
        counts. In an order that no index holds `runs` leaves out what lacks the value, and reads all that it lists: its
        pages have their total.
        """
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
