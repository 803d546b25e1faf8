"""How the fire times of a trigger in the next days change with its schedule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile

from tock.core.schedule.schedule import Schedule, fire_times, time_zone_of
from tock.core.time.instant import just_before

#: How far ahead fire times are compared, and how many of each schedule at most.
AHEAD = timedelta(days=30)
MOST = 10_000
#: How many of the fire times that go, and of those that come, are kept to be shown.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Timetable:
    """What decides the fire times of an enabled trigger."""

    schedule: Schedule
    start: datetime | None
    end: datetime | None

    def fire_times(self, *, after: datetime) -> Iterator[datetime]:
        """Yield the fire times strictly after an instant, within start and end, oldest first."""
        first = after if self.start is None else max(after, just_before(self.start))
        following = fire_times(self.schedule, after=first)
        if self.end is None:
            return following
        end = self.end
        return takewhile(lambda fire_time: fire_time < end, following)


@dataclass(frozen=True, slots=True)
class FireChanges:
    """How many fire times there were and will be until an instant, and which go and come; the first few of them."""

    until: datetime
    time_zone: str
    before: int
    after: int
    going: int
    coming: int
    first_going: tuple[datetime, ...]
    first_coming: tuple[datetime, ...]


def fire_changes(before: Timetable | None, after: Timetable | None, *, now: datetime) -> FireChanges | None:
    """Return how the fire times of the next 30 days change, or None if they do not; None as timetable: none fires.

    A schedule with more than 10,000 fire times in these days is compared up to the last of so many.
    """
    if before == after:
        return None
    old, until_old = _within(before, now=now)
    new, until_new = _within(after, now=now)
    until = min(until_old, until_new)
    gone = {fire_time for fire_time in old if fire_time <= until}
    come = {fire_time for fire_time in new if fire_time <= until}
    if gone == come:
        return None
    going, coming = sorted(gone - come), sorted(come - gone)
    shown = after or before
    return FireChanges(
        until=until,
        time_zone="UTC" if shown is None else time_zone_of(shown.schedule),
        before=len(gone),
        after=len(come),
        going=len(going),
        coming=len(coming),
        first_going=tuple(going[:SHOWN]),
        first_coming=tuple(coming[:SHOWN]),
    )


def _within(timetable: Timetable | None, *, now: datetime) -> tuple[tuple[datetime, ...], datetime]:
    """Return the fire times of the next days, 10,000 at most, and until when these are all."""
    until = now + AHEAD
    if timetable is None:
        return (), until
    found = tuple(islice(takewhile(lambda fire_time: fire_time <= until, timetable.fire_times(after=now)), MOST))
    return found, found[-1] if len(found) == MOST else until
