"""What needs a person: what failed, what the system paused, what waits for an answer, what is stuck or unreadable."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from tock.app.manage.overview.last_runs import last_runs
from tock.app.manage.overview.orphans import find_orphans
from tock.app.tick.stuck_runs import ActiveRuns, find_stuck
from tock.core.health.orphan import Orphan, OrphanKind
from tock.core.run.admission.lateness import is_late
from tock.core.run.last_run import LastRun
from tock.core.run.outcome import WaitFor
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.schedule.schedule import OnceSchedule
from tock.core.trigger.trigger import PauseReason, Trigger
from tock.core.unreadable import Unreadable
from tock.web.console.routing import get
from tock.web.console.visit import Visit

#: How many triggers are looked at, the newest first, and how many items of one kind are listed.
MOST_TRIGGERS, SHOWN = 100, 8
_FAILED = frozenset({RunStatus.FAILED, RunStatus.TIMED_OUT})
_BY_SYSTEM = {
    PauseReason.INVALID: "was disabled because it cannot be claimed",
    PauseReason.EXHAUSTED: "has no further fire time",
}
_ASKED = {WaitFor.APPROVAL: "waits for an approval", WaitFor.INPUT: "waits for an answer"}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a person should look at."""

    #: The word of its mark: a status, or `late`, `stuck`, `paused`, `unreadable`, `incomplete`.
    kind: str
    #: Where to act: `runs`, `triggers`, `agents` or `projects`, and the id there.
    room: str
    id: str
    #: What it is called.
    name: str
    #: The end of a sentence that begins with its name.
    said: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind, as many as are listed, and how many there are."""

    listed: tuple[Item, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of a project."""

    triggers: Sequence[Trigger]
    last: Mapping[str, LastRun]
    active: ActiveRuns
    orphans: Sequence[Orphan]
    unreadable: Sequence[Unreadable]


async def show_attention(visit: Visit) -> Response:
    """Show what needs a person alone, for the page that is open and reads it again."""
    return visit.page("overview/attention.html", **await attention(visit))


async def attention(visit: Visit) -> dict[str, Any]:
    """Return what the template needs to show what needs a person. Raises StoreUnavailable."""
    services, project = visit.services, visit.project
    page = await services.store.triggers(project, limit=MOST_TRIGGERS, token=None)
    agents = await services.store.agents(project, limit=MOST_TRIGGERS, token=None)
    active = await find_stuck(services, project=project)
    seen = Seen(
        triggers=page.items,
        last=await last_runs(services, project=project, triggers=[trigger.id for trigger in page.items]),
        active=active,
        orphans=await find_orphans(services, project=project, active=active.runs),
        unreadable=(*page.unreadable, *agents.unreadable, *active.unreadable),
    )
    return {"attention": groups_of(seen, now=visit.now), "may_change": bool(active.runs)}


def groups_of(seen: Seen, *, now: datetime) -> tuple[Group, ...]:
    """Return what needs a person of all that was seen, the most urgent kind first, each thing once."""
    stuck = {each.run.id for each in seen.active.stuck}
    failing = {trigger.id for trigger in seen.triggers if _last_failed(trigger, seen.last)}
    kinds = (
        (_waiting(run) for run in seen.active.runs),
        (_failed(trigger, seen.last) for trigger in seen.triggers if trigger.id in failing),
        (_paused(trigger, seen.last) for trigger in seen.triggers if trigger.id not in failing),
        (Item("stuck", "runs", each.run.id, f"run {each.run.id[:8]}", each.problem) for each in seen.active.stuck),
        (_late(run) for run in seen.active.runs if run.id not in stuck and is_late(run, now=now)),
        _orphans(seen.orphans, known=stuck),
        (_unreadable(each) for each in seen.unreadable),
    )
    return tuple(group for kind in kinds if (group := _group(kind)).count)


def _group(found: Iterable[Item | None]) -> Group:
    items = tuple(item for item in found if item is not None)
    return Group(items[:SHOWN], len(items))


def _waiting(run: Run) -> Item | None:
    wait = run.attempts[-1].wait if run.status is RunStatus.WAITING and run.attempts else None
    if wait is None or wait.wait_for not in _ASKED:
        return None
    said = _ASKED[wait.wait_for] + (f": {wait.question}" if wait.question else "")
    return Item("waiting", "runs", run.id, f"{run.agent}, run {run.id[:8]}", said, at=run.attempts[-1].ended)


def _last_failed(trigger: Trigger, last: Mapping[str, LastRun]) -> bool:
    return trigger.id in last and last[trigger.id].status in _FAILED


def _failed(trigger: Trigger, last: Mapping[str, LastRun]) -> Item:
    run = last[trigger.id]
    said = "timed out at its last run" if run.status is RunStatus.TIMED_OUT else "failed at its last run"
    return Item(run.status, "runs", run.run, trigger.name or trigger.id, said, at=run.finished)


def _paused(trigger: Trigger, last: Mapping[str, LastRun]) -> Item | None:
    paused = trigger.paused
    if paused is None or paused.reason not in _BY_SYSTEM or _is_done(trigger, last):
        return None
    said = _BY_SYSTEM[paused.reason] + (f": {paused.note}" if paused.note else "")
    return Item("paused", "triggers", trigger.id, trigger.name or trigger.id, said, at=paused.at)


def _is_done(trigger: Trigger, last: Mapping[str, LastRun]) -> bool:
    """Whether it had a single fire time, and that succeeded: nobody needs to look at it."""
    ran = last.get(trigger.id)
    return isinstance(trigger.schedule, OnceSchedule) and ran is not None and ran.status is RunStatus.SUCCEEDED


def _late(run: Run) -> Item:
    said = f"is {run.status} and late: it was due for {run.trigger or run.agent}"
    return Item("late", "runs", run.id, f"run {run.id[:8]}", said, at=run.due_at)


def _orphans(orphans: Sequence[Orphan], *, known: Iterable[str]) -> Iterator[Item]:
    rooms = {OrphanKind.AGENT: "agents", OrphanKind.TRIGGER: "triggers", OrphanKind.RUN: "runs"}
    for each in orphans:
        if each.id not in known and each.kind in rooms:
            name = f"run {each.id[:8]}" if each.kind is OrphanKind.RUN else f"{each.kind} {each.id}"
            yield Item("incomplete", rooms[each.kind], each.id, name, each.problem)


def _unreadable(found: Unreadable) -> Item:
    called = found.id[:8] if found.kind == "run" else found.id
    return Item("unreadable", f"{found.kind}s", found.id, f"{found.kind} {called}", f"cannot be read: {found.problem}")


ROUTES = (get("/projects/{project}/overview/attention", show_attention),)
