"""Find the stuck runs of a project, and repair them now, as the sweep of a tick does."""

from collections import Counter
from dataclasses import dataclass

from tock.app.find_run import find_run
from tock.app.pending_runs import pending_runs
from tock.app.services import Services
from tock.app.tick.sweep import repair_overdue
from tock.core.errors import CommitConflict
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.run.stuck import stuck_because
from tock.core.unreadable import Unreadable
from tock.ports.store import Change, Versioned

_ACTIVE = frozenset(status for status in RunStatus if not status.terminal)


@dataclass(frozen=True, slots=True)
class StuckRun:
    """A run that nobody moves on, and why."""

    run: Run
    problem: str


@dataclass(frozen=True, slots=True)
class ActiveRuns:
    """The runs of a project that have not ended, and those of them that are stuck."""

    count: int
    #: Whether there are more than were looked at: then those with the latest fire times were.
    more: bool
    stuck: tuple[StuckRun, ...]
    unreadable: tuple[Unreadable, ...]


async def find_stuck(services: Services, *, project: str) -> ActiveRuns:
    """Return the runs of the project that have not ended, and which of them are stuck. Raises StoreUnavailable."""
    found = await pending_runs(services, project=project, statuses=_ACTIVE)
    now = services.clock.now()
    problems = ((run, stuck_because(run, now=now)) for run in found.runs)
    return ActiveRuns(
        count=len(found.runs),
        more=found.more,
        stuck=tuple(StuckRun(run, problem) for run, problem in problems if problem is not None),
        unreadable=found.unreadable,
    )


async def repair_stuck(services: Services, *, project: str) -> tuple[StuckRun, ...]:
    """Repair the stuck runs of the project now, and return those that were stuck; a second call finds none of them.

    Each gets what a sweep would give it: another delivery, a rescue, the end of its wait, or its promotion. A run that
    no sweep would ever look at gets a time for it first. Raises StoreUnavailable.
    """
    stuck = (await find_stuck(services, project=project)).stuck
    overdue: list[Versioned[Run]] = []
    for each in stuck:
        current = await find_run(services, project=project, run=each.run.id)
        if current is None or stuck_because(current.value, now=services.clock.now()) is None:
            continue
        if current.value.check_at is None:
            current = await _with_time(services, current)
        if current is not None:
            overdue.append(current)
    await repair_overdue(services, overdue, tally=Counter())
    return stuck


async def _with_time(services: Services, run: Versioned[Run]) -> Versioned[Run] | None:
    """Give the run a time at which a sweep looks at it, and return it; None if somebody else changed it meanwhile."""
    after = run.value.model_copy(update={"check_at": services.clock.now()})
    try:
        version = await services.store.commit([Change(before=run, after=after)])
    except CommitConflict:
        return None
    return Versioned(after, version)
