"""The fire times of a cron expression in a time zone, clock changes included.

`cron_next` yields local times of a clock that never changes; this module converts them to UTC. It follows Debian's
cron(8). A fixed time that a clock change skips fires at the end of the gap, and one that a clock change repeats fires
the first time only. An expression whose minute or hour starts with `*` follows elapsed time instead: skipped times do
not fire, repeated times fire twice.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tock.core.schedule.clock_changes import clock_changes, offset_at
from tock.core.schedule.cron_fields import CronFields, cron_fields
from tock.core.schedule.cron_next import next_local

_SECOND = timedelta(seconds=1)
# No zone has ever changed its clocks by more than a day.
_LONGEST_CHANGE = timedelta(days=2)
_FIRST = datetime(3, 1, 1, tzinfo=UTC)
_LAST = datetime(9000, 1, 1, tzinfo=UTC)


def cron_times(cron: str, *, time_zone: str, after: datetime) -> Iterator[datetime]:
    """Yield the fire times after an instant in UTC, strictly ascending, within the years 3 to 8999.

    Raises:
        ValueError: the expression is not valid.
    """
    fields = cron_fields(cron)
    follow = _fixed_times if fields.fixed_time else _elapsed_times
    return follow(fields, time_zone, min(max(after.astimezone(UTC), _FIRST), _LAST))


def _elapsed_times(fields: CronFields, time_zone: str, after: datetime) -> Iterator[datetime]:
    offset = offset_at(ZoneInfo(time_zone), after)
    local = next_local(fields, _local(after, offset))
    while local is not None:
        instant = local.replace(tzinfo=UTC) - offset
        if instant >= _LAST:
            return
        change = next(clock_changes(time_zone, after=after, until=instant), None)
        if change is None:
            yield instant
            after = instant
            local = next_local(fields, local)
        else:
            after, offset = change.at, change.after
            local = next_local(fields, _local(after, offset) - _SECOND)


def _fixed_times(fields: CronFields, time_zone: str, after: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(time_zone)
    local = _local(after, offset_at(zone, after))
    while (fire := next_local(fields, local)) is not None:
        local = fire
        instant = fire.replace(tzinfo=zone).astimezone(UTC)
        if instant >= _LAST:
            return
        if instant.astimezone(zone).replace(tzinfo=None) != fire:
            # All times that a gap skips fire at the instant at which it ends.
            *_, change = clock_changes(time_zone, after=instant - _LONGEST_CHANGE, until=instant)
            instant, local = change.at, _local(change.at, change.after) - _SECOND
        # If `after` is in the second pass of a fold, a later local time may have fired already, in the first pass.
        if instant > after:
            yield instant
            after = instant


def _local(instant: datetime, offset: timedelta) -> datetime:
    return (instant + offset).replace(microsecond=0, tzinfo=None)
