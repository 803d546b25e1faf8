"""A store in memory that holds one run, its agent, and what belongs to the run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from tock.core.agent.agent import Agent
from tock.core.agent.session import Session, SessionPart
from tock.core.errors import CommitConflict
from tock.core.health.scheduler_state import SchedulerState
from tock.core.project import ApiKey, DeletedProject, Project
from tock.core.run.admission.lock import Lock
from tock.core.run.admission.slot import Slot
from tock.core.run.events.event import Chunk
from tock.core.run.last_run import LastRun
from tock.core.run.messages.signal import Signal
from tock.core.run.order import RunOrder
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import (
    Add,
    Change,
    Create,
    Delete,
    DuePage,
    EventPage,
    Page,
    RunFilter,
    Total,
    UsagePage,
    Versioned,
    Write,
)
from tock.ports.store.documents import Document

T = TypeVar("T", bound=Document)
_Key = tuple[type, str]


class OneRunStore:
    """Keeps the port's contract for what it holds; there are no triggers, projects, API keys and ticks in it.

    It is for one event loop: a Commit runs to its end without an await. What was added to the usage of a day is not
    kept.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self._version = 1
        self._documents: dict[_Key, Versioned[Document]] = {
            _key(each): Versioned(each, version=self._version) for each in documents
        }
        #: What the run's attempts saved by `checkpoint`, in order.
        self.checkpoints: list[Any] = []

    async def commit(self, writes: Sequence[Write]) -> Any:
        """Apply all writes or none."""
        for write in writes:
            self._require(write)
        self._version += 1
        for write in writes:
            self._apply(write)
        return self._version

    def _require(self, write: Write) -> None:
        """Raise CommitConflict unless the write's precondition holds."""
        match write:
            case Create(value=value):
                holds = _key(value) not in self._documents
            case Change(before=before):
                holds = self._version_of(_key(before.value)) == before.version
            case Delete(value=value, version=version) if not isinstance(value, Unreadable):
                holds = version is None or self._version_of(_key(value)) == version
            case _:
                # Add has no precondition, and nothing here is unreadable.
                holds = isinstance(write, Add)
        if not holds:
            raise CommitConflict(f"{type(write).__name__} of what another one wrote.")

    def _apply(self, write: Write) -> None:
        match write:
            case Create(value=value):
                self._put(value)
            case Change(before=before, after=after) if before.value != after:
                self._note_checkpoint(before.value, after)
                self._put(after)
            case Delete(value=value) if not isinstance(value, Unreadable):
                self._documents.pop(_key(value), None)

    def _put(self, value: Document) -> None:
        self._documents[_key(value)] = Versioned(value, version=self._version)

    def _version_of(self, key: _Key) -> Any:
        found = self._documents.get(key)
        return None if found is None else found.version

    def _note_checkpoint(self, before: Document, after: Document) -> None:
        if not (isinstance(before, Run) and isinstance(after, Run) and after.status is RunStatus.RUNNING):
            return
        # A heartbeat keeps the object that was saved; a save brings another one, which may be equal.
        if after.state is not before.state:
            self.checkpoints.append(after.state)

    def _find(self, kind: type[T], identifier: str) -> Versioned[T] | None:
        return cast("Versioned[T] | None", self._documents.get((kind, identifier)))

    def _all(self, kind: type[T]) -> list[Versioned[T]]:
        return [cast("Versioned[T]", each) for (of, _), each in self._documents.items() if of is kind]

    async def agent(self, project: str, agent: str) -> Versioned[Agent] | None:
        """Return the agent, or None."""
        return self._find(Agent, agent)

    async def run(self, project: str, run: str) -> Versioned[Run] | None:
        """Return the run, or None."""
        return self._find(Run, run)

    async def overdue_runs(self, *, until: datetime, limit: int) -> Sequence[Versioned[Run] | Unreadable]:
        """Return runs with `check_at <= until`."""
        runs = self._all(Run)
        return [run for run in runs if run.value.check_at is not None and run.value.check_at <= until][:limit]

    async def overdue_ids(self, *, until: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Return the project and the id of each run that `overdue_runs` returns."""
        found = await self.overdue_runs(until=until, limit=limit)
        return [(run.value.project, run.value.id) for run in found if isinstance(run, Versioned)]

    async def runs(
        self,
        project: str,
        *,
        matching: RunFilter,
        limit: int,
        token: str | None,
        order: RunOrder = RunOrder.SCHEDULED_FOR,
    ) -> Page[Run]:
        """Return runs, the largest of what orders them first; those with a prefix come by id."""
        found = [run.value for run in self._all(Run) if _matches(run.value, matching)]
        if matching.id_prefix is not None:
            found.sort(key=lambda run: run.id)
        else:
            found = sorted((run for run in found if _RANKS[order](run) is not None), key=_RANKS[order], reverse=True)
        total = None if order is RunOrder.SCHEDULED_FOR else Total(len(found))
        return Page(items=tuple(found[:limit]), next_token=None, total=total)

    async def run_count(self, project: str, *, matching: RunFilter, most: int) -> int:
        """Return how many runs match, counting to `most`."""
        return min(sum(_matches(run.value, matching) for run in self._all(Run)), most)

    async def events(self, project: str, run: str, *, since: int, limit: int) -> EventPage:
        """Return the run's events with `seq > since`, in ascending order."""
        stored = (event for chunk in self._all(Chunk) if chunk.value.run == run for event in chunk.value.events)
        found = sorted((event for event in stored if event.seq > since), key=lambda event: event.seq)[:limit]
        return EventPage(events=tuple(found), unreadable=(), last_seq=found[-1].seq if found else since)

    async def signals(self, project: str, run: str, *, since: int, limit: int) -> Sequence[Versioned[Signal]]:
        """Return the run's signals with `number > since`, in ascending order."""
        found = [each for each in self._all(Signal) if each.value.run == run and each.value.number > since]
        return sorted(found, key=lambda signal: signal.value.number)[:limit]

    async def slots(self, project: str, scope: str) -> Sequence[Versioned[Slot]]:
        """Return the slots of this limit that are taken."""
        return [slot for slot in self._all(Slot) if slot.value.scope == scope]

    async def runs_in_line(self, project: str, scope: str, *, limit: int) -> Sequence[Versioned[Run]]:
        """Return the runs that wait in line for a slot of this limit."""
        return [run for run in self._all(Run) if run.value.in_line == scope][:limit]

    async def lock(self, project: str, lock: str) -> Versioned[Lock] | None:
        """Return the lock, or None."""
        return self._find(Lock, lock)

    async def session(self, project: str, session: str) -> Versioned[Session] | None:
        """Return the session, or None."""
        return self._find(Session, session)

    async def session_part(self, project: str, session: str, part: str) -> Versioned[SessionPart] | None:
        """Return a part of the session's state, or None."""
        return self._find(SessionPart, f"{session}/{part}")

    async def trigger(self, project: str, trigger: str) -> Versioned[Trigger] | None:
        """Return None."""
        return None

    async def triggers(self, project: str, *, limit: int, token: str | None, agent: str | None = None) -> Page[Trigger]:
        """Return no trigger."""
        return Page(items=(), next_token=None)

    async def trigger_count(self, project: str, *, most: int, agent: str | None = None) -> int:
        """Return 0."""
        return 0

    async def revisions(
        self, project: str, trigger: str, *, since: datetime, back_to_change: bool = False
    ) -> Sequence[Revision | Unreadable]:
        """Return no revision."""
        return ()

    async def last_run(self, project: str, trigger: str) -> LastRun | None:
        """Return None."""
        return None

    async def due_triggers(
        self,
        *,
        until: datetime,
        limit: int,
        cursor: Any = None,
        shards: Sequence[int] | None = None,
        project: str | None = None,
    ) -> DuePage:
        """Return no trigger."""
        return DuePage(triggers=(), cursor=None)

    async def due_count(self, *, until: datetime, most: int) -> int:
        """Return 0."""
        return 0

    async def project(self, project: str) -> Versioned[Project] | None:
        """Return None."""
        return None

    async def deleted_project(self, project: str) -> Versioned[DeletedProject] | None:
        """Return None."""
        return None

    async def projects(self, *, limit: int, token: str | None) -> Page[Project]:
        """Return no project."""
        return Page(items=(), next_token=None)

    async def remains(self, project: str) -> frozenset[str]:
        """Return the kinds of what it holds."""
        return frozenset({"agent", "run"})

    async def agents(self, project: str, *, limit: int, token: str | None) -> Page[Agent]:
        """Return the agent."""
        return Page(items=tuple(each.value for each in self._all(Agent))[:limit], next_token=None)

    async def api_key(self, project: str, key: str) -> Versioned[ApiKey] | None:
        """Return None."""
        return None

    async def api_keys(self, project: str, *, limit: int, token: str | None) -> Page[ApiKey]:
        """Return no key."""
        return Page(items=(), next_token=None)

    async def usage(
        self, project: str, *, since: datetime, until: datetime, limit: int, cursor: Any = None
    ) -> UsagePage:
        """Return no usage."""
        return UsagePage(days=(), cursor=None)

    async def scheduler(self) -> SchedulerState | None:
        """Return None."""
        return None

    async def record_tick(self, state: SchedulerState) -> None:
        """Keep nothing."""

    async def backlog(self, *, until: datetime) -> Mapping[str, int]:
        """Return how many runs are overdue."""
        return {"triggers": 0, "runs": len(await self.overdue_runs(until=until, limit=1_000))}


#: What a run is ordered by; None leaves it out.
_RANKS: Mapping[RunOrder, Callable[[Run], Any]] = {
    RunOrder.SCHEDULED_FOR: lambda run: run.scheduled_for,
    RunOrder.STARTED: lambda run: run.started,
    RunOrder.DURATION: lambda run: run.duration,
    RunOrder.COST: lambda run: run.usage.cost,
}


def _matches(run: Run, matching: RunFilter) -> bool:
    return (
        (not matching.statuses or run.status in matching.statuses)
        and run.id.startswith(matching.id_prefix or "")
        and matching.agent in {None, run.agent}
        and matching.trigger in {None, run.trigger}
        and matching.source in {None, run.source}
        and matching.subject in {None, run.subject}
        and (matching.since is None or run.scheduled_for >= matching.since)
        and (matching.until is None or run.scheduled_for < matching.until)
    )


def _key(document: Document) -> _Key:
    match document:
        case Chunk():
            return Chunk, f"{document.run}/{document.first_seq}"
        case Signal():
            return Signal, f"{document.run}/{document.number}"
        case SessionPart():
            return SessionPart, f"{document.session}/{document.id}"
        case Revision():
            return Revision, str(document.number)
        case _:
            return type(document), document.id
