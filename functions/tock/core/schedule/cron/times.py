"""The fire times of a cron expression in a time zone, clock changes included.

`local_times` yields local times of a clock that never changes; this module converts them to UTC. It follows Debian's
cron(8). A fixed time that a clock change skips fires at the end of the gap, and one that a clock change repeats fires
the first time only. An expression whose minute or hour starts with `*` follows elapsed time instead: skipped times do
not fire, repeated times fire twice.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tock.core.schedule.clock_changes import LONGEST_CHANGE, clock_changes, offset_at
from tock.core.schedule.cron.fields import CronFields, cron_fields
from tock.core.schedule.cron.local_times import local_times

_SECOND = timedelta(seconds=1)
#: How far ahead of a fire time the next clock change is looked up, so that dense schedules seldom look it up.
_GLANCE = timedelta(days=1)
#: Fire times lie strictly between these instants, which no offset from UTC moves over the ends of the calendar.
EARLIEST = datetime(3, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def cron_times(cron: str, *, time_zone: str, after: datetime) -> Iterator[datetime]:
    """Yield the fire times after an instant in UTC, strictly ascending, within the years 3 to 8999.

    Raises:
        ValueError: the expression is not valid.
    """
    fields = cron_fields(cron)
    follow = _fixed_times if fields.fixed_time else _elapsed_times
    return follow(fields, ZoneInfo(time_zone), min(max(after.astimezone(UTC), EARLIEST), LATEST))


def _elapsed_times(fields: CronFields, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    begin: datetime | None = after
    while begin is not None:
        offset = offset_at(zone, begin)
        # The offset is known to hold up to `known`. A clock change begins another walk, right at the change.
        known, walk_from, begin = begin, begin if begin is after else begin - _SECOND, None
        for local in local_times(fields, after=_local(walk_from, offset)):
            instant = local.replace(tzinfo=UTC) - offset
            if instant >= LATEST:
                return
            if instant > known:
                # Of the changes on a long way, only those near its two ends can bring other named times.
                is_far = instant - known > 2 * LONGEST_CHANGE
                ahead = known + LONGEST_CHANGE if is_far else max(instant, known + _GLANCE)
                change = next(clock_changes(zone, after=known, until=ahead), None)
                if change is not None and change.at <= instant:
                    begin = change.at
                    break
                if is_far:
                    begin = instant - LONGEST_CHANGE
                    break
                known = ahead if change is None else change.at - _SECOND
            yield instant


def _fixed_times(fields: CronFields, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    newest = after
    end_of_gap = datetime.min  # noqa: DTZ901 - a local time has no zone
    for local in local_times(fields, after=_local(after, offset_at(zone, after))):
        if local < end_of_gap:
            continue
        instant = local.replace(tzinfo=zone).astimezone(UTC)
        if instant >= LATEST:
            return
        if instant.astimezone(zone).replace(tzinfo=None) != local:
            # All times that a gap skips fire at the instant at which it ends.
            *_, change = clock_changes(zone, after=instant - LONGEST_CHANGE, until=instant)
            instant, end_of_gap = change.at, _local(change.at, change.after)
        # If `after` is in the second pass of a fold, a later local time may have fired already, in the first pass.
        if instant > newest:
            yield instant
            newest = instant


def _local(instant: datetime, offset: timedelta) -> datetime:
    return (instant + offset).replace(microsecond=0, tzinfo=None)
