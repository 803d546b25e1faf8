"""Read what is stored of a trigger's occurrences: the trigger, its revisions and the records of its runs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tock.app.as_stored import as_stored
from tock.app.manage.triggers.restore_trigger import restored_trigger
from tock.app.services import Services
from tock.core.errors import NotFound, StoreUnavailable
from tock.core.run.run import Run, Snapshot
from tock.core.run.status import RunSource, RunStatus
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import RunFilter, Versioned

#: How often the reading begins again because the trigger was edited meanwhile.
MAX_TRIES = 5
#: How many runs one query reads; each may have 64 KiB of payload.
PAGE = 300
_MISSED = frozenset({RunStatus.MISSED})
#: The most missed ranges that begin before the interval and are read.
MAX_RANGES = 20
#: How much further back revisions are read: clocks differ, and a revision's first fire time is after its `valid_from`.
MARGIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OccurrenceRecords:
    """What is stored of a trigger's occurrences in an interval, all of it as it was at one time."""

    #: The trigger as it is now; None if it was deleted.
    trigger: Trigger | Unreadable | None
    #: The start of the interval.
    since: datetime
    #: Oldest first, beginning with the one in force just before `since`.
    revisions: Sequence[Revision] = ()
    #: If there is one of these, the expected occurrences are not known, and no runs are read.
    unreadable_revisions: Sequence[Unreadable] = ()
    runs: Sequence[Run] = ()
    #: What is wrong with each run that cannot be read, by its id.
    unreadable: dict[str, str] = field(default_factory=dict)
    #: The first fire time that no tick has claimed; None if there is none.
    next_run_at: datetime | None = None


async def occurrence_records(
    services: Services,
    *,
    project: str,
    trigger: str,
    since: datetime,
    until: datetime,
    begin: Callable[[Sequence[Revision]], datetime] | None = None,
    back_to_change: bool = False,
) -> OccurrenceRecords:
    """Return what is stored of the trigger's occurrences with `since <= fire time < until`; it may be deleted.

    1. Read the trigger first: if a tick claims after that, it only adds records of fire times that are due here.
    2. Read the missed ranges that reach into the interval, the revisions for all of it, and the records.
    3. If the trigger was edited, deleted or created meanwhile, begin again.

    `begin` may return a later start, by the revisions, or raise. With `back_to_change` the revisions begin earlier, as
    the store's do. Raises NotFound when such a trigger does not exist and
    never did, StoreUnavailable.
    """
    before = await _current(services, project, trigger)
    for _ in range(MAX_TRIES):
        first = since
        ranges = await _ranges_into(services, project, trigger, since=first)
        # The proof counts a range again from its first fire time on, so it needs the revision in force there.
        oldest = min([first, *(run.missed.first for run in ranges.runs if run.missed is not None)])
        stored = await services.store.revisions(project, trigger, since=oldest - MARGIN, back_to_change=back_to_change)
        if before is None and not stored:
            raise NotFound("trigger", trigger)
        revisions = [revision for revision in stored if isinstance(revision, Revision)]
        if len(revisions) < len(stored):
            unreadable = [found for found in stored if isinstance(found, Unreadable)]
            return OccurrenceRecords(before, since=first, unreadable_revisions=unreadable)
        if begin is not None:
            first = begin(revisions)
        records = await _records(services, project, trigger, since=first, until=until)
        after = await _current(services, project, trigger)
        if _version(before) == _version(after):
            return OccurrenceRecords(
                trigger=before,
                since=first,
                revisions=revisions,
                runs=[*records.runs, *ranges.runs],
                unreadable=records.unreadable | ranges.unreadable,
                next_run_at=await _next_run_at(services, before),
            )
        before = after
    raise StoreUnavailable(f"The trigger {trigger!r} keeps changing: try again.")


async def _current(services: Services, project: str, trigger: str) -> Trigger | Unreadable | None:
    found = await as_stored(services.store.trigger(project, trigger))
    return found.value if isinstance(found, Versioned) else found


def _version(trigger: Trigger | Unreadable | None) -> tuple[object, ...]:
    """Return what every edit, deletion and creation changes, but no tick does."""
    match trigger:
        case Trigger():
            return trigger.generation, trigger.revision
        case Unreadable():
            return (trigger.version,)
        case _:
            return ()


async def _next_run_at(services: Services, trigger: Trigger | Unreadable | None) -> datetime | None:
    """Return the first fire time that no tick has claimed: a trigger that cannot be read still waits for it."""
    if isinstance(trigger, Unreadable):
        restored = await restored_trigger(services, trigger)
        return None if restored is None else restored.value.next_run_at
    return None if trigger is None else trigger.next_run_at


@dataclass(frozen=True, slots=True)
class _Records:
    """Runs as they are stored, and what is wrong with each that cannot be read, by its id."""

    runs: list[Run]
    unreadable: dict[str, str]


async def _records(services: Services, project: str, trigger: str, *, since: datetime, until: datetime) -> _Records:
    matching = RunFilter(trigger=trigger, source=RunSource.SCHEDULE, since=since, until=until)
    found = _Records(runs=[], unreadable={})
    token: str | None = None
    while True:
        page = await services.store.runs(project, matching=matching, limit=PAGE, token=token)
        found.runs.extend(_slim(run) for run in page.items)
        found.unreadable.update(_problems(page.unreadable))
        if (token := page.next_token) is None:
            return found


async def _ranges_into(services: Services, project: str, trigger: str, *, since: datetime) -> _Records:
    """Return the missed ranges that begin before the interval and reach into it; only the newest few are read.

    Ranges do not overlap, so at most the newest one can reach into it, unless somebody has edited a record. If that one
    cannot be read, it may.
    """
    matching = RunFilter(trigger=trigger, source=RunSource.SCHEDULE, statuses=_MISSED, until=since)
    page = await services.store.runs(project, matching=matching, limit=MAX_RANGES, token=None)
    runs = [_slim(run) for run in page.items if run.missed is not None and run.missed.last >= since]
    if not page.unreadable:
        return _Records(runs, unreadable={})
    newest = await services.store.runs(project, matching=matching, limit=1, token=None)
    return _Records(runs, _problems(newest.unreadable))


def _problems(unreadable: Iterable[Unreadable]) -> dict[str, str]:
    return {found.id: found.problem for found in unreadable}


def _slim(run: Run) -> Run:
    """Return the run without its input and result: those of ten thousand runs may take a gigabyte."""
    return run.model_copy(update={"input": Snapshot(), "result": None})
