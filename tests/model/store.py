"""The model store: the port's contract in memory, fast enough for millions of Commits. No call fails by itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar, cast

from model.documents import Documents
from model.index_entries import name_of
from model.listing import Listing
from model.ranked_runs import RANKS, RankedRuns, by_prefix
from model.unreadable_document import UnreadableDocument
from tock.core.agent.agent import Agent
from tock.core.agent.session import Session, SessionPart
from tock.core.errors import DocumentUnreadable
from tock.core.health.scheduler_state import SchedulerState
from tock.core.project import ApiKey, DeletedProject, Project
from tock.core.run.admission.lock import Lock
from tock.core.run.admission.slot import Slot
from tock.core.run.last_run import LastRun
from tock.core.run.messages.signal import Signal
from tock.core.run.order import RunOrder
from tock.core.run.run import Run
from tock.core.run.status import RunSource
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import Document, DuePage, EventPage, Page, RunFilter, Total, UsagePage, Versioned, Write
from tock.store.queries.events import Numbered, event_page, numbered_events

_Document = TypeVar("_Document", bound=Document)


class ModelStore:
    """Keeps all documents in memory, with Firestore's semantics; the port says what each method guarantees.

    No method waits: each call is done at once, as a whole. Versions are times of `now`; `shards` is how many shards the
    due queries look at. The simulation adds faults and latency.
    """

    def __init__(self, now: Callable[[], datetime], *, shards: int = 8) -> None:
        self._documents = Documents(now, shards=shards)
        self._shards = shards
        self._scheduler: SchedulerState | None = None
        #: Called with the writes of each Commit that was applied.
        self.on_commit: list[Callable[[Sequence[Write]], None]] = []

    def overwrite(self, document: Document, *, fields: Mapping[str, Any]) -> None:
        """Overwrite stored fields of a document, as a writer other than Tock could."""
        self._documents.overwrite(name_of(document), fields=fields)

    async def commit(self, writes: Sequence[Write]) -> Any:
        """Apply all writes or none."""
        version = self._documents.commit(writes)
        for tell in self.on_commit:
            tell(writes)
        return version

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

        Raises ValueError for shards that the store does not look at.
        """
        if shards is not None and not all(shard < self._shards for shard in shards):
            raise ValueError(f"shards: {shards} are not all below {self._shards}")
        index = self._documents.index("due") if project is None else self._documents.index("due", project)
        found: list[Any] = []
        last = None
        for entry in index.ascending(until=until, after=cursor):
            stored: Any = self._documents.find(("triggers", *entry[1]))
            if shards is None or _shard(stored) in shards:
                found.append(_shown(stored))
                last = entry
                if len(found) == limit:
                    return DuePage(triggers=tuple(found), cursor=last)
        return DuePage(triggers=tuple(found), cursor=None)

    async def due_count(self, *, until: datetime, most: int) -> int:
        """Return how many triggers are due at `until`, counting to `most`."""
        return min(self._documents.index("due").count(until=until), most)

    async def overdue_runs(self, *, until: datetime, limit: int) -> Sequence[Versioned[Run] | Unreadable]:
        """Return runs of all projects with `check_at <= until`, oldest first, at most `limit`."""
        entries = islice(self._documents.index("overdue").ascending(until=until), limit)
        return tuple(_shown(self._documents.find(("runs", *ids))) for _, ids in entries)

    async def overdue_ids(self, *, until: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Return the project and the id of each run that `overdue_runs` returns."""
        entries = islice(self._documents.index("overdue").ascending(until=until), limit)
        return tuple((project, run) for _, (project, run) in entries)

    async def project(self, project: str) -> Versioned[Project] | None:
        """Return the project, or None."""
        return self._read(Project, "projects", project)

    async def deleted_project(self, project: str) -> Versioned[DeletedProject] | None:
        """Return what is kept of the project that was deleted last under this id, or None."""
        return self._read(DeletedProject, "deleted_projects", project)

    async def remains(self, project: str) -> frozenset[str]:
        """Return which kinds of documents of the project are stored."""
        return frozenset(_REMAINS[collection] for collection in self._documents.collections(project) & _REMAINS.keys())

    async def agent(self, project: str, agent: str) -> Versioned[Agent] | None:
        """Return the agent, or None."""
        return self._read(Agent, "agents", project, agent)

    async def trigger(self, project: str, trigger: str) -> Versioned[Trigger] | None:
        """Return the trigger, or None."""
        return self._read(Trigger, "triggers", project, trigger)

    async def revisions(
        self, project: str, trigger: str, *, since: datetime, back_to_change: bool = False
    ) -> Sequence[Revision | Unreadable]:
        """Return the trigger's versions in force at `since` or later, the oldest first, a deleted trigger's too."""
        found: list[Revision | Unreadable] = []
        stored = self._documents.index("revisions", project, trigger).descending()
        for _, ids in stored:
            read = _shown(self._documents.find(("revisions", *ids)))
            found.append(read if isinstance(read, Unreadable) else read.value)
            if isinstance(read, Versioned) and read.value.valid_from <= since:
                break
        in_force = found[-1] if back_to_change and found else None
        for _, ids in stored if isinstance(in_force, Revision) else ():
            read = _shown(self._documents.find(("revisions", *ids)))
            if isinstance(read, Unreadable):
                break
            found.append(read.value)
            if read.value.generation != in_force.generation:
                break
        return tuple(reversed(found))

    async def run(self, project: str, run: str) -> Versioned[Run] | None:
        """Return the run, or None."""
        return self._read(Run, "runs", project, run)

    async def last_run(self, project: str, trigger: str) -> LastRun | None:
        """Return the trigger's scheduled run that started last, or None."""
        stored = (
            self._documents.find(("runs", *ids)) for _, ids in self._documents.index("runs", project).descending()
        )
        runs = [each.value for each in stored if not isinstance(each, UnreadableDocument)]
        scheduled = [run for run in runs if run.trigger == trigger and run.source is RunSource.SCHEDULE]
        started = [(run.started, run.id, run) for run in scheduled if run.started is not None]
        if not started:
            return None
        _, _, last = max(started, key=lambda each: each[:2])
        return LastRun(
            run=last.id,
            status=last.status,
            scheduled_for=last.scheduled_for,
            started=last.started,
            finished=last.finished,
        )

    async def lock(self, project: str, lock: str) -> Versioned[Lock] | None:
        """Return the lock, or None."""
        return self._read(Lock, "locks", project, lock)

    async def api_key(self, project: str, key: str) -> Versioned[ApiKey] | None:
        """Return the API key, or None."""
        return self._read(ApiKey, "api_keys", project, key)

    async def projects(self, *, limit: int, token: str | None) -> Page[Project]:
        """Return projects by id."""
        return Listing("projects").page(self._documents, limit=limit, token=token)

    async def agents(self, project: str, *, limit: int, token: str | None) -> Page[Agent]:
        """Return the project's agents, newest first."""
        return Listing("agents", project).page(self._documents, limit=limit, token=token)

    async def triggers(self, project: str, *, limit: int, token: str | None, agent: str | None = None) -> Page[Trigger]:
        """Return the project's triggers, newest first."""
        return Listing("triggers", project, agent=agent).page(self._documents, limit=limit, token=token)

    async def trigger_count(self, project: str, *, most: int, agent: str | None = None) -> int:
        """Return how many triggers there are, counting to `most`."""
        return min(Listing("triggers", project, agent=agent).count(self._documents), most)

    async def runs(
        self,
        project: str,
        *,
        matching: RunFilter,
        limit: int,
        token: str | None,
        order: RunOrder = RunOrder.SCHEDULED_FOR,
    ) -> Page[Run]:
        """Return the project's runs, the largest of what orders them first; those with a prefix come by id."""
        if matching.id_prefix is not None:
            named = RankedRuns(project, matching.id_prefix, rank=by_prefix(matching.id_prefix), descending=False)
            return named.page(self._documents, limit=limit, token=token)
        listing = self._runs_listing(project, matching)
        if order is RunOrder.SCHEDULED_FOR:
            return listing.page(self._documents, limit=limit, token=token)
        ranked = RankedRuns(
            project,
            repr((matching, order)),
            rank=RANKS[order],
            matches=listing.matches,
            since=matching.since,
            until=matching.until,
        )
        page = ranked.page(self._documents, limit=limit, token=token)
        return replace(page, total=Total(ranked.count(self._documents)))

    async def run_count(self, project: str, *, matching: RunFilter, most: int) -> int:
        """Return how many runs match, counting to `most`."""
        if (prefix := matching.id_prefix) is not None:
            named = RankedRuns(project, prefix, rank=by_prefix(prefix))
            return min(named.count(self._documents), most)
        return min(self._runs_listing(project, matching).count(self._documents), most)

    async def api_keys(self, project: str, *, limit: int, token: str | None) -> Page[ApiKey]:
        """Return the project's API keys by id."""
        return Listing("api_keys", project).page(self._documents, limit=limit, token=token)

    async def events(self, project: str, run: str, *, since: int, limit: int) -> EventPage:
        """Return the run's events with a number above `since`, ascending, at most `limit`."""
        entries = self._documents.index("chunks", project, run).ascending(after=(since + 1, ()))
        chunks = [self._documents.find(("chunks", *ids)) for _, ids in entries]
        numbered = (each for chunk in chunks for each in _numbered_events(chunk) if each[0] > since)
        return event_page(islice(numbered, limit), since=since)

    async def signals(self, project: str, run: str, *, since: int, limit: int) -> Sequence[Versioned[Signal]]:
        """Return the run's signals with a number above `since`, ascending, at most `limit`."""
        entries = self._documents.index("signals", project, run).ascending(after=(since + 1, ()))
        return self._readable("signals", entries)[:limit]

    async def slots(self, project: str, scope: str) -> Sequence[Versioned[Slot]]:
        """Return the slots of this limit that are taken."""
        return self._readable("slots", self._documents.index("slots", project, scope).ascending())

    async def runs_in_line(self, project: str, scope: str, *, limit: int) -> Sequence[Versioned[Run]]:
        """Return the runs that wait in line for a slot of this limit, the earliest `scheduled_for` first."""
        found = self._readable("runs", self._documents.index("in_line", project, scope).ascending())
        return found[:limit]

    async def usage(
        self, project: str, *, since: datetime, until: datetime, limit: int, cursor: Any = None
    ) -> UsagePage:
        """Return the project's usage of the days from `since` to before `until`, at most `limit` documents."""
        entries = self._documents.index("usage", project).ascending(after=cursor)
        wanted = [entry for entry in entries if since <= entry[0] < until][:limit]
        found: list[Any] = [self._documents.find(("usage", *ids)) for _, ids in wanted]
        days = tuple(each.value for each in found if not isinstance(each, UnreadableDocument))
        return UsagePage(days=days, cursor=wanted[-1] if len(wanted) == limit else None)

    async def session(self, project: str, session: str) -> Versioned[Session] | None:
        """Return the session, or None."""
        return self._read(Session, "sessions", project, session)

    async def session_part(self, project: str, session: str, part: str) -> Versioned[SessionPart] | None:
        """Return a part of the session's state, or None."""
        return self._read(SessionPart, "parts", project, session, part)

    async def scheduler(self) -> SchedulerState | None:
        """Return the state that the last tick left, or None before the first."""
        return self._scheduler

    async def record_tick(self, state: SchedulerState) -> None:
        """Keep the state of a tick; the last one wins."""
        self._scheduler = state

    async def backlog(self, *, until: datetime) -> Mapping[str, int]:
        """Return how many triggers are due (`triggers`) and runs are overdue (`runs`) at `until`."""
        due, overdue = self._documents.index("due"), self._documents.index("overdue")
        return {"triggers": due.count(until=until), "runs": overdue.count(until=until)}

    def _runs_listing(self, project: str, matching: RunFilter) -> Listing:
        return Listing(
            "runs",
            project,
            since=matching.since,
            until=matching.until,
            statuses=matching.statuses,
            shards=None if matching.only_trigger else self._shards,
            agent=matching.agent,
            trigger=matching.trigger,
            source=matching.source,
            subject=matching.subject,
        )

    def _readable(self, collection: str, entries: Iterable[Any]) -> Sequence[Any]:
        found: list[Any] = [self._documents.find((collection, *ids)) for _, ids in entries]
        return tuple(each for each in found if not isinstance(each, UnreadableDocument))

    def _read(self, _: type[_Document], *name: str) -> Versioned[_Document] | None:
        stored = self._documents.find(name)
        if isinstance(stored, UnreadableDocument):
            raise DocumentUnreadable(stored.unreadable)
        return cast("Versioned[_Document] | None", stored)


_REMAINS = {
    "agents": "agent",
    "triggers": "trigger",
    "revisions": "revision",
    "runs": "run",
    "api_keys": "API key",
    "usage": "usage",
}


def _shard(stored: Any) -> Any:
    return stored.field("shard") if isinstance(stored, UnreadableDocument) else stored.value.shard


def _shown(stored: Any) -> Any:
    return stored.unreadable if isinstance(stored, UnreadableDocument) else stored


def _numbered_events(stored: Any) -> Iterator[Numbered]:
    if isinstance(stored, UnreadableDocument):
        yield from numbered_events(stored.message, documents="")
    else:
        yield from ((event.seq, event) for event in stored.value.events)
