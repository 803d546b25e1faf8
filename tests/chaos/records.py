"""The records at the end: every run, and the revisions of every trigger, read without the proxy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chaos.load.resources import LIMITED
from tock.core.run.admission.slot import Slot
from tock.core.run.run import Run
from tock.core.trigger.revision import Revision
from tock.ports.store import RunFilter, Store

PAGE = 300


@dataclass(frozen=True, slots=True)
class History:
    """The revisions of one trigger and its next fire time, which a deleted trigger does not have."""

    project: str
    trigger: str
    revisions: tuple[Revision, ...]
    next_run_at: datetime | None


@dataclass(frozen=True, slots=True)
class Records:
    """The triggers, runs and slots of all projects."""

    histories: tuple[History, ...]
    runs: tuple[Run, ...]
    #: The slots of the limited agent that are taken.
    slots: tuple[Slot, ...] = ()


async def read_records(store: Store, *, triggers: Iterable[tuple[str, str]], since: datetime) -> Records:
    """Return the records of these triggers, each (project, id), and all runs of their projects."""
    wanted = sorted(set(triggers))
    histories = [await _history(store, project=project, trigger=trigger, since=since) for project, trigger in wanted]
    runs: list[Run] = []
    slots: list[Slot] = []
    for project in sorted({project for project, _ in wanted}):
        runs += await read_runs(store, project=project)
        slots += [slot.value for slot in await store.slots(project, f"agent:{LIMITED}")]
    return Records(histories=tuple(histories), runs=tuple(runs), slots=tuple(slots))


async def read_runs(store: Store, *, project: str) -> Sequence[Run]:
    """Return all runs of a project."""
    runs: list[Run] = []
    token: str | None = None
    while True:
        page = await store.runs(project, matching=RunFilter(), limit=PAGE, token=token)
        assert not page.unreadable, f"stored runs cannot be read: {page.unreadable}"
        runs += page.items
        token = page.next_token
        if token is None:
            return runs


async def _history(store: Store, *, project: str, trigger: str, since: datetime) -> History:
    found = await store.trigger(project, trigger)
    stored = await store.revisions(project, trigger, since=since)
    revisions = tuple(revision for revision in stored if isinstance(revision, Revision))
    assert len(revisions) == len(stored), f"stored revisions cannot be read: {stored}"
    return History(
        project=project,
        trigger=trigger,
        revisions=revisions,
        next_run_at=None if found is None else found.value.next_run_at,
    )
