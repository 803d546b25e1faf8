"""The percentiles of lateness."""

from datetime import timedelta

import pytest

from core.builders import NOON, a_run_that_is, at
from tock.core.run.run import Run
from tock.core.run.status import RunSource, RunStatus
from tock.web.console.pages.overview.lateness import Lateness, lateness_of, percentile
from tock.web.console.pages.overview.timeline.interval import Interval

DAY = Interval(NOON, NOON + timedelta(hours=24), "24h", fixed=True)


def started(scheduled: str, *, late: float, source: RunSource = RunSource.SCHEDULE) -> Run:
    times = {"scheduled_for": at(scheduled), "started": at(scheduled) + timedelta(seconds=late), "source": source}
    return a_run_that_is(RunStatus.SUCCEEDED).model_copy(update=times)


@pytest.mark.parametrize(
    ("count", "percent", "expected"), [(1, 50, 1), (2, 50, 1), (3, 50, 2), (100, 50, 50), (100, 99, 99), (101, 99, 100)]
)
def test_a_percentile_is_the_nearest_rank(count: int, percent: int, expected: int) -> None:
    ordered = [timedelta(seconds=number) for number in range(1, count + 1)]

    assert percentile(ordered, percent) == timedelta(seconds=expected)


def test_lateness_is_counted_by_hours_of_a_day_for_scheduled_runs_that_started() -> None:
    manual = started("12:30", late=500, source=RunSource.MANUAL)
    queued = a_run_that_is(RunStatus.QUEUED)
    early = started("11:59", late=7)

    found = lateness_of(
        [started("12:10", late=1), started("12:20", late=3), started("14:00", late=2), manual, queued, early], DAY
    )

    assert found == (
        Lateness(at("12:00"), 2, timedelta(seconds=1), timedelta(seconds=3)),
        Lateness(at("14:00"), 1, timedelta(seconds=2), timedelta(seconds=2)),
    )
