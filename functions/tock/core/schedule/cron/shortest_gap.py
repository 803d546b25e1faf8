"""The shortest distance between two fire times of a cron expression."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from tock.core.schedule.cron.fields import CronFields, cron_fields
from tock.core.schedule.cron.local_times import days_of_month

_DAY_SECONDS = 86_400
# Weekdays and leap years repeat every 28 years between 1901 and 2099, and always every 400 years.
_SHORT_CYCLE = range(2001, 2030)
_FULL_CYCLE = range(2001, 2442)


@lru_cache(maxsize=4096)
def shortest_cron_gap(cron: str) -> timedelta:
    """Return the shortest distance between two consecutive fire times, on a local clock that never changes.

    Raises:
        ValueError: the expression is not valid.
    """
    fields = cron_fields(cron)
    gap, span = _within(fields.seconds, unit=1, inner_gap=None, inner_span=0)
    gap, span = _within(fields.minutes, unit=60, inner_gap=gap, inner_span=span)
    gap, span = _within(fields.hours, unit=3600, inner_gap=gap, inner_span=span)
    if gap is None or gap > _DAY_SECONDS - span:
        between_days = _fewest_days_between(fields) * _DAY_SECONDS - span
        gap = between_days if gap is None else min(gap, between_days)
    return timedelta(seconds=gap)


def _within(values: Sequence[int], *, unit: int, inner_gap: int | None, inner_span: int) -> tuple[int | None, int]:
    gaps = [(high - low) * unit - inner_span for low, high in pairwise(values)]
    if inner_gap is not None:
        gaps.append(inner_gap)
    return min(gaps, default=None), (values[-1] - values[0]) * unit + inner_span


def _fewest_days_between(fields: CronFields) -> int:
    fewest = _fewest(fields, _SHORT_CYCLE)
    return fewest if fewest is not None else _fewest(fields, _FULL_CYCLE) or 0


def _fewest(fields: CronFields, years: range) -> int | None:
    fewest = None
    for earlier, later in pairwise(_matching_days(fields, years)):
        distance = (later - earlier).days
        if distance == 1:
            return 1
        fewest = distance if fewest is None else min(fewest, distance)
    return fewest


def _matching_days(fields: CronFields, years: range) -> Iterator[date]:
    for year in years:
        for month in fields.months:
            for day in days_of_month(fields, year=year, month=month):
                yield date(year, month, day)
