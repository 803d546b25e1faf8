"""How late runs started: percentiles of the lateness of scheduled runs, over the parts of an interval."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tock.core.run.run import Run
from tock.core.run.status import RunSource
from tock.web.console.pages.overview.timeline.interval import Interval

#: Into how many parts an interval is divided; a part without a start is left out.
PARTS = 24


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the runs started whose fire times lie in one part of the interval."""

    since: datetime
    runs: int
    #: Half of them started no later than this after their fire time.
    median: timedelta
    #: 99 of 100 did.
    p99: timedelta


def lateness_of(runs: Iterable[Run], interval: Interval) -> tuple[Lateness, ...]:
    """Return the lateness of the scheduled runs that have started, by parts of the interval, the earliest first."""
    length = (interval.until - interval.since) / PARTS
    parts: dict[int, list[timedelta]] = {}
    for run in runs:
        late = run.lateness
        if late is not None and run.source is RunSource.SCHEDULE and interval.contains(run.scheduled_for):
            parts.setdefault(int((run.scheduled_for - interval.since) / length), []).append(late)
    return tuple(
        Lateness(
            since=interval.since + part * length,
            runs=len(found),
            median=percentile(sorted(found), 50),
            p99=percentile(sorted(found), 99),
        )
        for part, found in sorted(parts.items())
    )


def percentile(ordered: Sequence[timedelta], percent: int) -> timedelta:
    """Return the smallest of these values that at least this percentage of them does not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
