"""The Firestore adapter of the store port, over one database."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from google.cloud.firestore_v1 import AsyncClient, types

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
from tock.core.timing import MAX_SHARDS
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import (
    MOST_SORTED,
    Document,
    DuePage,
    EventPage,
    Page,
    RunFilter,
    UsagePage,
    Versioned,
    Write,
)
from tock.store.documents import codec, paths
from tock.store.documents.commit import committed_version, write_messages
from tock.store.documents.reading import read_document
from tock.store.documents.values import write_fields
from tock.store.queries import due_queries as due
from tock.store.queries import events, last_run, listing, remains, revisions, run_listing, signals, slots, usage
from tock.store.queries.query import Condition
from tock.store.rpc import TIMEOUT, FirestoreRpc

_Document = TypeVar("_Document", bound=Document)
_logger = logging.getLogger("tock")


class FirestoreStore:
    """Keeps every document of Tock in one Firestore database; the port says what each method guarantees.

    `shards` is how many shards the due queries read: never fewer than any document was written with. `timeout` limits
    a Commit with its retries, and each try of a read. `most_sorted` is how many runs it puts in order without an index.
    """

    def __init__(
        self, client: AsyncClient, *, shards: int, timeout: timedelta = TIMEOUT, most_sorted: int = MOST_SORTED
    ) -> None:
        if not 1 <= shards <= MAX_SHARDS:
            raise ValueError(f"shards: {shards} is out of range: from 1 to {MAX_SHARDS}")
        self._rpc = FirestoreRpc(client, timeout=timeout)
        self._shards = shards
        self._most_sorted = most_sorted

    async def commit(self, writes: Sequence[Write]) -> Any:
        """Apply all writes or none, in one RPC and without a read."""
        response = await self._rpc.commit(write_messages(writes, documents=self._rpc.documents))
        return committed_version(response)

    async def due_triggers(
        self,
        *,
        until: datetime,
        limit: int,
        cursor: Any = None,
        shards: Sequence[int] | None = None,
        project: str | None = None,
    ) -> DuePage:
        """Return triggers with `next_run_at <= until`, oldest first, at most `limit`, after the cursor."""
        queried = range(self._shards) if shards is None else shards
        if not queried or (project is not None and not paths.is_id(project)):
            return DuePage(triggers=(), cursor=None)
        return await due.due_triggers(
            self._rpc, until=until, limit=limit, shards=queried, cursor=cursor, project=project
        )

    async def due_count(self, *, until: datetime, most: int) -> int:
        """Return how many triggers are due at `until`, counting to `most`."""
        return await due.due_count(self._rpc, until=until, most=most, shards=range(self._shards))

    async def overdue_runs(self, *, until: datetime, limit: int) -> Sequence[Versioned[Run] | Unreadable]:
        """Return runs of all projects with `check_at <= until`, oldest first, at most `limit`."""
        return await due.overdue_runs(self._rpc, until=until, limit=limit, shards=range(self._shards))

    async def overdue_ids(self, *, until: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Return the project and the id of each run that `overdue_runs` returns."""
        return await due.overdue_ids(self._rpc, until=until, limit=limit, shards=range(self._shards))

    async def project(self, project: str) -> Versioned[Project] | None:
        """Return the project, or None."""
        return await self._document(codec.PROJECT, paths.PROJECTS, project)

    async def deleted_project(self, project: str) -> Versioned[DeletedProject] | None:
        """Return what is kept of the project that was deleted last under this id, or None."""
        return await self._document(codec.DELETED_PROJECT, paths.DELETED_PROJECTS, project)

    async def remains(self, project: str) -> frozenset[str]:
        """Return which kinds of documents of the project are stored."""
        return await remains.remains(self._rpc, project=project)

    async def agent(self, project: str, agent: str) -> Versioned[Agent] | None:
        """Return the agent, or None."""
        return await self._document(codec.AGENT, paths.PROJECTS, project, paths.AGENTS, agent)

    async def trigger(self, project: str, trigger: str) -> Versioned[Trigger] | None:
        """Return the trigger, or None."""
        return await self._document(codec.TRIGGER, paths.PROJECTS, project, paths.TRIGGERS, trigger)

    async def revisions(
        self, project: str, trigger: str, *, since: datetime, back_to_change: bool = False
    ) -> Sequence[Revision | Unreadable]:
        """Return the trigger's revisions in force at `since` or later, oldest first, also of a deleted trigger."""
        return await revisions.revisions(
            self._rpc, project=project, trigger=trigger, since=since, back_to_change=back_to_change
        )

    async def run(self, project: str, run: str) -> Versioned[Run] | None:
        """Return the run, or None."""
        return await self._document(codec.RUN, paths.PROJECTS, project, paths.RUNS, run)

    async def last_run(self, project: str, trigger: str) -> LastRun | None:
        """Return the trigger's scheduled run that started last, or None."""
        return await last_run.last_run(self._rpc, project=project, trigger=trigger)

    async def lock(self, project: str, lock: str) -> Versioned[Lock] | None:
        """Return the lock, or None."""
        return await self._document(codec.LOCK, paths.PROJECTS, project, paths.LOCKS, lock)

    async def api_key(self, project: str, key: str) -> Versioned[ApiKey] | None:
        """Return the API key, or None."""
        return await self._document(codec.API_KEY, paths.PROJECTS, project, paths.API_KEYS, key)

    async def projects(self, *, limit: int, token: str | None) -> Page[Project]:
        """Return projects by id."""
        return await listing.PROJECT_LISTING.page(self._rpc, project=None, limit=limit, token=token)

    async def agents(self, project: str, *, limit: int, token: str | None) -> Page[Agent]:
        """Return the project's agents, newest first."""
        return await listing.AGENT_LISTING.page(self._rpc, project=project, limit=limit, token=token)

    async def triggers(self, project: str, *, limit: int, token: str | None, agent: str | None = None) -> Page[Trigger]:
        """Return the project's triggers, newest first."""
        return await listing.TRIGGER_LISTING.page(
            self._rpc, project=project, limit=limit, token=token, where=_of_agent(agent)
        )

    async def trigger_count(self, project: str, *, most: int, agent: str | None = None) -> int:
        """Return how many triggers there are, counting to `most`."""
        return await listing.TRIGGER_LISTING.count(self._rpc, project=project, most=most, where=_of_agent(agent))

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
        return await run_listing.page_of_runs(
            self._rpc,
            project=project,
            matching=matching,
            order=order,
            limit=limit,
            token=token,
            shards=range(self._shards),
            most_sorted=self._most_sorted,
        )

    async def run_count(self, project: str, *, matching: RunFilter, most: int) -> int:
        """Return how many runs match, counting to `most`."""
        return await run_listing.count_of_runs(
            self._rpc, project=project, matching=matching, most=most, shards=range(self._shards)
        )

    async def api_keys(self, project: str, *, limit: int, token: str | None) -> Page[ApiKey]:
        """Return the project's API keys by id."""
        return await listing.API_KEY_LISTING.page(self._rpc, project=project, limit=limit, token=token)

    async def events(self, project: str, run: str, *, since: int, limit: int) -> EventPage:
        """Return the run's events with a number above `since`, ascending, at most `limit`."""
        return await events.events(self._rpc, project=project, run=run, since=since, limit=limit)

    async def signals(self, project: str, run: str, *, since: int, limit: int) -> Sequence[Versioned[Signal]]:
        """Return the run's signals with a number above `since`, ascending, at most `limit`."""
        return await signals.signals(self._rpc, project=project, run=run, since=since, limit=limit)

    async def slots(self, project: str, scope: str) -> Sequence[Versioned[Slot]]:
        """Return the slots of this limit that are taken."""
        return await slots.slots(self._rpc, project=project, scope=scope)

    async def runs_in_line(self, project: str, scope: str, *, limit: int) -> Sequence[Versioned[Run]]:
        """Return the runs that wait in line for a slot of this limit, the earliest `scheduled_for` first."""
        return await slots.runs_in_line(self._rpc, project=project, scope=scope, limit=limit)

    async def usage(
        self, project: str, *, since: datetime, until: datetime, limit: int, cursor: Any = None
    ) -> UsagePage:
        """Return the project's usage of the days from `since` to before `until`, at most `limit` documents."""
        return await usage.usage(
            self._rpc,
            project=project,
            since=since,
            until=until,
            limit=limit,
            cursor=cursor,
            shards=range(self._shards),
        )

    async def session(self, project: str, session: str) -> Versioned[Session] | None:
        """Return the session, or None."""
        return await self._document(codec.SESSION, paths.PROJECTS, project, paths.SESSIONS, session)

    async def session_part(self, project: str, session: str, part: str) -> Versioned[SessionPart] | None:
        """Return a part of the session's state, or None."""
        above = (paths.PROJECTS, project, paths.SESSIONS, session)
        return await self._document(codec.SESSION_PART, *above, paths.PARTS, part)

    async def scheduler(self) -> SchedulerState | None:
        """Return the state that the last tick left; None before the first, or if the state cannot be read."""
        message = await self._rpc.document(f"{self._rpc.documents}/{paths.SCHEDULER}")
        if message is None:
            return None
        try:
            return codec.SCHEDULER_STATE.parsed(paths.SCHEDULER, message.fields)
        except codec.UnparsableError as exc:
            # The next tick replaces it.
            fields = {"document": paths.SCHEDULER, "problem": str(exc)}
            _logger.warning("document_unreadable", extra={"fields": fields})
            return None

    async def record_tick(self, state: SchedulerState) -> None:
        """Store the state of a tick; the last write wins."""
        message = types.Write.pb()()
        message.update.name = f"{self._rpc.documents}/{paths.SCHEDULER}"
        write_fields(message.update.fields, codec.SCHEDULER_STATE.stored(state))
        await self._rpc.commit([message])

    async def backlog(self, *, until: datetime) -> Mapping[str, int]:
        """Return how many triggers are due (`triggers`) and runs are overdue (`runs`) at `until`."""
        return await due.backlog(self._rpc, until=until, shards=range(self._shards))

    async def _document(
        self, document_codec: codec.DocumentCodec[_Document], *segments: str
    ) -> Versioned[_Document] | None:
        if not all(paths.is_id(segment) for segment in segments):
            return None
        message = await self._rpc.document("/".join((self._rpc.documents, *segments)))
        if message is None:
            return None
        found = read_document(message, codec=document_codec, documents=self._rpc.documents)
        if isinstance(found, Unreadable):
            raise DocumentUnreadable(found)
        return found


def _of_agent(agent: str | None) -> tuple[Condition, ...]:
    return () if agent is None else (Condition("agent", "==", agent),)
