"""Reads the runs of an interval, as many as one picture takes."""

from dataclasses import dataclass
from datetime import datetime

from tock.app.pending_runs import slim
from tock.app.services import Services
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.unreadable import Unreadable
from tock.ports.store import RunFilter
from tock.web.console.pages.overview.timeline.interval import Interval

#: How many runs are read at most unless somebody asks for fewer, and how many of them one query reads.
MOST, PAGE = 2_000, 200
#: How many records are read that began before the interval and may reach into it: missed ranges, unfinished runs.
MOST_BEFORE = 50
_ACTIVE = frozenset(status for status in RunStatus if not status.terminal)


@dataclass(frozen=True, slots=True)
class IntervalRuns:
    """The runs of an interval, the latest first, without their texts and results."""

    runs: tuple[Run, ...]
    #: Runs scheduled before it are left out, because there are more than `most`; None if all are there.
    complete_from: datetime | None
    unreadable: tuple[Unreadable, ...]


async def runs_of(services: Services, *, project: str, interval: Interval, most: int = MOST) -> IntervalRuns:
    """Return the runs that were scheduled in the interval, the latest `most`, and those that reach into it.

    Raises StoreUnavailable.
    """
    runs: list[Run] = []
    unreadable: list[Unreadable] = []
    token: str | None = None
    within = RunFilter(since=interval.since, until=interval.until)
    while len(runs) < most:
        page = await services.store.runs(project, matching=within, limit=min(PAGE, most), token=token)
        runs += map(slim, page.items)
        unreadable += page.unreadable
        token = page.next_token
        if token is None:
            break
    left_out = runs[-1].scheduled_for if token is not None else None
    before = RunFilter(statuses=_ACTIVE | {RunStatus.MISSED}, until=interval.since)
    page = await services.store.runs(project, matching=before, limit=MOST_BEFORE, token=None)
    runs += (slim(run) for run in page.items if _reaches_into(run, interval))
    return IntervalRuns(tuple(runs), complete_from=left_out, unreadable=tuple(unreadable))


def _reaches_into(run: Run, interval: Interval) -> bool:
    if run.missed is not None:
        return run.missed.last >= interval.since
    return run.status is not RunStatus.MISSED
