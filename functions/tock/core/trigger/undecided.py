"""The fire times of a trigger that are to come: those that no claim has decided begin with its `next_run_at`."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice

from tock.core.run.run import MissedRange
from tock.core.schedule.past_fire_times import count_fire_times, newest_fire_time
from tock.core.schedule.schedule import fire_times
from tock.core.time.instant import just_before
from tock.core.trigger.trigger import Trigger


def undecided(trigger: Trigger, *, after: datetime | None = None) -> Iterator[datetime]:
    """Yield the undecided fire times, those strictly after an instant if it is given, oldest first."""
    first = trigger.next_run_at
    if first is None:
        return
    earlier: tuple[datetime, ...] = ()
    if after is None or after < first:
        earlier, after = (first,), first
    for fire_time in chain(earlier, fire_times(trigger.schedule, after=after)):
        if has_ended(trigger, fire_time):
            return
        yield fire_time


def next_fire_times(trigger: Trigger, *, now: datetime, count: int) -> tuple[datetime, ...]:
    """Return the next fire times after now: those that are claimed, then those that are not."""
    claimed = (claim.fire_time for claim in trigger.claimed if claim.fire_time > now)
    return tuple(islice(chain(claimed, undecided(trigger, after=now)), count))


def newest_undecided(trigger: Trigger, *, until: datetime) -> datetime | None:
    """Return the newest undecided fire time up to `until`, or None."""
    first = trigger.next_run_at
    last = until if trigger.end is None else min(until, just_before(trigger.end))
    if first is None or first > last:
        return None
    # Mostly one fire time is late at most.
    second = next(fire_times(trigger.schedule, after=first), None)
    if second is None or second > last:
        return first
    return newest_fire_time(trigger.schedule, after=first, until=last)


def undecided_range(trigger: Trigger, *, until: datetime) -> MissedRange | None:
    """Return the range of all undecided fire times up to `until`, or None if there is none."""
    first, last = trigger.next_run_at, newest_undecided(trigger, until=until)
    if first is None or last is None:
        return None
    return MissedRange(first=first, last=last, count=1 + count_fire_times(trigger.schedule, after=first, until=last))


def has_ended(trigger: Trigger, fire_time: datetime) -> bool:
    """Whether a fire time is at or after the trigger's end, so that it is none of the trigger's."""
    return trigger.end is not None and fire_time >= trigger.end
