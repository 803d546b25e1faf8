"""Find the stuck runs of a project, and repair them now, as the sweep of a tick does."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tock.app.as_stored import as_stored
from tock.app.pending_runs import PAGE, pending_runs, slim
from tock.app.services import Services
from tock.app.tick.sweep import repair_overdue
from tock.core.errors import CommitConflict
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.run.stuck import PATIENCE, stuck_because
from tock.core.unreadable import Unreadable
from tock.ports.store import Change, Versioned

#: How many overdue runs of all projects are looked at: the index of `check_at` knows no projects, and an index that
#: does would cost every run.
MOST_OVERDUE = 1000
_ACTIVE = frozenset(status for status in RunStatus if not status.terminal)


@dataclass(frozen=True, slots=True)
class StuckRun:
    """A run that nobody moves on, and why."""

    run: Run
    problem: str


@dataclass(frozen=True, slots=True)
class ActiveRuns:
    """The runs of a project that have not ended, and those of them that are stuck."""

    #: Those that can be read, of the latest fire times as many as one request looks at.
    runs: tuple[Run, ...]
    #: Whether there are more.
    more: bool
    #: Those that a sweep should have looked at, whatever their fire time; and of those that are counted, those that no
    #: sweep would look at.
    stuck: tuple[StuckRun, ...]
    #: Those that have not ended and cannot be read.
    unreadable: tuple[Unreadable, ...]
    #: Those of them that a sweep should have ended.
    unreadable_stuck: tuple[Unreadable, ...]
    #: Whether more than MOST_OVERDUE runs of all projects are overdue, so that more may be stuck.
    more_stuck: bool


async def find_stuck(services: Services, *, project: str) -> ActiveRuns:
    """Return the runs of the project that have not ended, and which of them are stuck. Raises StoreUnavailable."""
    found = await pending_runs(services, project=project, statuses=_ACTIVE)
    now = services.clock.now()
    overdue = await services.store.overdue_ids(until=now - PATIENCE, limit=MOST_OVERDUE)
    of_project = [run for owner, run in overdue if owner == project]
    runs = {run.id: run for run in found.runs}
    unreadable = {each.id: each for each in found.unreadable}
    async for each in _read(
        services, project, [run for run in of_project if run not in runs and run not in unreadable]
    ):
        if isinstance(each, Unreadable):
            unreadable[each.id] = each
        else:
            runs[each.value.id] = slim(each.value)
    problems = ((run, stuck_because(run, now=now)) for run in runs.values())
    return ActiveRuns(
        runs=found.runs,
        more=found.more,
        stuck=tuple(StuckRun(run, problem) for run, problem in problems if problem is not None),
        unreadable=tuple(unreadable.values()),
        unreadable_stuck=tuple(unreadable[run] for run in of_project if run in unreadable),
        more_stuck=len(overdue) == MOST_OVERDUE,
    )


async def repair_stuck(services: Services, *, project: str) -> ActiveRuns:
    """Repair the stuck runs of the project now, and return what was found before; a second call finds none of them.

    Each gets what a sweep would give it: another delivery, a rescue, the end of its wait, or its promotion; one that
    cannot be read is ended. A run that no sweep would ever look at gets a time for it first. Raises StoreUnavailable.
    """
    found = await find_stuck(services, project=project)
    stuck = [*(each.run.id for each in found.stuck), *(each.id for each in found.unreadable_stuck)]
    overdue: list[Versioned[Run] | Unreadable] = []
    async for each in _read(services, project, stuck):
        current = each if isinstance(each, Unreadable) else await _overdue(services, each)
        if current is not None:
            overdue.append(current)
        if len(overdue) == PAGE:
            await repair_overdue(services, overdue, tally=Counter())
            overdue.clear()
    await repair_overdue(services, overdue, tally=Counter())
    return found


async def _read(services: Services, project: str, runs: Sequence[str]) -> AsyncIterator[Versioned[Run] | Unreadable]:
    """Yield each of these runs that is still stored, PAGE of them read at once."""
    left = iter(runs)
    while page := list(islice(left, PAGE)):
        for found in await asyncio.gather(*(as_stored(services.store.run(project, run)) for run in page)):
            if found is not None:
                yield found


async def _overdue(services: Services, run: Versioned[Run]) -> Versioned[Run] | None:
    """Return the run if it is still stuck, with a time at which a sweep looks at it; None if somebody moved it on."""
    now = services.clock.now()
    if stuck_because(run.value, now=now) is None:
        return None
    if run.value.check_at is not None:
        return run
    after = run.value.model_copy(update={"check_at": now})
    try:
        version = await services.store.commit([Change(before=run, after=after)])
    except CommitConflict:
        return None
    return Versioned(after, version)
