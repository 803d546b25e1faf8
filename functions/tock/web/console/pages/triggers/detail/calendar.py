"""A month of a trigger, day by day: how the runs of each day ended, and how many fire times are to come."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tock.core.errors import InvalidArgument
from tock.core.proof.expected import GenerationPeriod, generation_periods
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.schedule.clock_changes import clock_changes
from tock.core.schedule.past_fire_times import count_fire_times
from tock.core.schedule.schedule import time_zone_of
from tock.core.time.instant import just_before
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.web.resources.plausible import FIRST, LAST
from tock.web.resources.runs.shown_status import RETRYING, SCHEDULED, shown_status

_DAY = timedelta(days=1)
_WEEK = 7
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the reader's calendar."""

    date: date
    #: The day is from `since` to before `until`.
    since: datetime
    until: datetime
    #: How many runs have each status, those that ended badly first; a range of missed fire times counts each of them.
    runs: tuple[tuple[str, int], ...] = ()
    #: How many fire times are to come, with a run already or without one.
    coming: int = 0
    #: Whether the clocks of the trigger's time zone change.
    clocks_change: bool = False
    #: Whether there may be more runs than `runs` counts.
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """A month in weeks, from Monday to Sunday, with the days of other months that fill the first and the last one."""

    first: date
    days: tuple[Day, ...]

    @property
    def weeks(self) -> tuple[tuple[Day, ...], ...]:
        """The days, week by week."""
        return tuple(self.days[begin : begin + _WEEK] for begin in range(0, len(self.days), _WEEK))

    @property
    def since(self) -> datetime:
        """The start of its first day that is shown."""
        return self.days[0].since

    @property
    def until(self) -> datetime:
        """The end of its last day that is shown."""
        return self.days[-1].until

    @property
    def kinds(self) -> tuple[str, ...]:
        """The words of all that is marked on its days, for the legend."""
        marked = {word for day in self.days for word, _ in day.runs}
        return (
            *(word for word in _ORDER if word in marked),
            *([SCHEDULED] if any(each.coming for each in self.days) else []),
        )

    @property
    def title(self) -> str:
        """Its name: `November 2026`."""
        return f"{self.first:%B %Y}"

    @property
    def before(self) -> str:
        """The month before it, as an address names it."""
        return f"{self.first - _DAY:%Y-%m}"

    @property
    def after(self) -> str:
        """The month after it, as an address names it."""
        return f"{_next_month(self.first):%Y-%m}"


def month_of(text: str, *, now: datetime, zone: ZoneInfo) -> Month:
    """Return the month that an address names, `2026-11`, or the present one if it names none, without runs.

    Raises InvalidArgument.
    """
    first = now.astimezone(zone).date().replace(day=1)
    if text:
        try:
            first = date.fromisoformat(f"{text}-01")
        except ValueError as exc:
            remedy = "is no month: write one such as 2027-01"
            raise InvalidArgument(field="month", value=text, remedy=remedy) from exc
    if not FIRST.year < first.year < LAST.year:
        raise InvalidArgument(field="month", value=text, remedy="takes a month from 1971 to 2199")
    begin = first - timedelta(days=first.weekday())
    last = _next_month(first) - _DAY
    end = last + timedelta(days=_WEEK - last.weekday())
    dates = [begin + timedelta(days=number) for number in range((end - begin).days)]
    return Month(first, tuple(Day(each, _midnight(each, zone), _midnight(each + _DAY, zone)) for each in dates))


def filled(
    month: Month,
    trigger: Trigger,
    runs: Sequence[Run],
    *,
    read_back_to: datetime | None,
    revisions: Sequence[Revision],
    now: datetime,
) -> Month:
    """Return the month with what is known of its days.

    Args:
        month: without runs.
        trigger: whose fire times are to come.
        runs: its runs that reach into the month.
        read_back_to: runs scheduled before it were not read; None if all were.
        revisions: the trigger's, for missed fire times of several days, and to know when there were no runs yet.
        now: the present time.
    """
    changes = _change_days(month, trigger)
    generations = {period.generation: period for period in generation_periods(revisions)}
    begun = revisions[0].valid_from if revisions and revisions[0].number == 1 else month.since
    return Month(
        month.first,
        tuple(
            Day(
                date=day.date,
                since=day.since,
                until=day.until,
                runs=tuple((word, counts[word]) for word in _ORDER if counts[word]),
                coming=counts[SCHEDULED] + coming(trigger, since=max(day.since, now), until=day.until),
                clocks_change=day.date in changes,
                partial=read_back_to is not None and day.since < read_back_to and day.until > begun,
            )
            for day, counts in ((day, _counted(day, runs, generations=generations, now=now)) for day in month.days)
        ),
    )


def coming(trigger: Trigger, *, since: datetime, until: datetime) -> int:
    """Return how many fire times no tick has claimed yet with `since <= fire time < until`."""
    if trigger.next_run_at is None:
        return 0
    first = max(since, trigger.next_run_at)
    end = until if trigger.end is None else min(until, trigger.end)
    if first >= end:
        return 0
    return count_fire_times(trigger.schedule, after=just_before(first), until=just_before(end))


#: In this order a day shows what its runs became.
_ORDER = (
    *(RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.MISSED, RunStatus.SKIPPED, RunStatus.WAITING),
    *(RETRYING, RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.HELD, RunStatus.CANCELLED, RunStatus.SUCCEEDED),
)


def _counted(
    day: Day, runs: Iterable[Run], *, generations: Mapping[int, GenerationPeriod], now: datetime
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for run in runs:
        counts[shown_status(run, now=now)] += _count_of(run, day, generations=generations)
    return counts


def _count_of(run: Run, day: Day, *, generations: Mapping[int, GenerationPeriod]) -> int:
    """Return how many occurrences of the day the run stands for."""
    missed = run.missed
    if missed is None:
        return int(day.since <= run.scheduled_for < day.until)
    first, last = max(missed.first, day.since), min(missed.last, just_before(day.until))
    if first > last:
        return 0
    if (first, last) == (missed.first, missed.last):
        return missed.count
    period = generations.get(run.generation)
    return 1 if period is None else period.count(first=first, last=last)


def _change_days(month: Month, trigger: Trigger) -> frozenset[date]:
    name = time_zone_of(trigger.schedule)
    if name == "UTC":
        return frozenset()
    changes = [each.at for each in clock_changes(ZoneInfo(name), after=month.since, until=month.until)]
    return frozenset(day.date for day in month.days if any(day.since <= at < day.until for at in changes))


def _next_month(first: date) -> date:
    return (
        first.replace(year=first.year + 1, month=1)
        if first.month == _DECEMBER
        else first.replace(month=first.month + 1)
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
