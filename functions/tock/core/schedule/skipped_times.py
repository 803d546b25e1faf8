"""The local times that a cron expression names and that a clock change skips: what a gap takes away or moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from tock.core.schedule.clock_changes import LONGEST_CHANGE, ClockChange, clock_changes
from tock.core.schedule.cron.fields import cron_fields
from tock.core.schedule.cron.local_times import local_times
from tock.core.schedule.cron.times import EARLIEST, LATEST
from tock.core.schedule.schedule import CronSchedule, Schedule


@dataclass(frozen=True, slots=True)
class SkippedTimes:
    """The named local times within one gap; `first` and `last` are local and naive."""

    change: ClockChange
    first: datetime
    last: datetime
    count: int
    #: When they fire instead, all together: at the end of the gap. None if they do not fire.
    fires_at: datetime | None


def skipped_times(schedule: Schedule, *, after: datetime, until: datetime) -> Iterator[SkippedTimes]:
    """Yield what each gap with `after < its end <= until` skips of a schedule, oldest first.

    It looks at every local time that the schedule names in between, within the years 3 to 8999.
    """
    if not isinstance(schedule, CronSchedule):
        return
    fields, zone = cron_fields(schedule.cron), ZoneInfo(schedule.time_zone)
    first, last = (_local(min(max(instant, EARLIEST), LATEST), zone) for instant in (after, until))
    gap: list[datetime] = []
    change: ClockChange | None = None
    for local in takewhile(lambda local: local <= last, local_times(fields, after=first)):
        if change is not None and local < _local(change.at, zone):
            gap.append(local)
            continue
        if change is not None:
            yield _skipped(change, gap, fixed_time=fields.fixed_time)
            change = None
        instant = local.replace(tzinfo=zone).astimezone(UTC)
        if _local(instant, zone) != local:
            *_, change = clock_changes(zone, after=instant - LONGEST_CHANGE, until=instant)
            gap = [local]
    if change is not None:
        yield _skipped(change, gap, fixed_time=fields.fixed_time)


def _skipped(change: ClockChange, gap: list[datetime], *, fixed_time: bool) -> SkippedTimes:
    return SkippedTimes(
        change=change, first=gap[0], last=gap[-1], count=len(gap), fires_at=change.at if fixed_time else None
    )


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(microsecond=0, tzinfo=None)
