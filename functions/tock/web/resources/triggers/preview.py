"""The next fire times of a schedule, in UTC and in its local time, with what clock changes do to them."""

from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from tock.core.fields.types import WholeNumber
from tock.core.schedule.clock_changes import ClockChange, clock_changes
from tock.core.schedule.schedule import Schedule, fire_times, time_zone_of
from tock.core.schedule.schedule_text import local_time_text, schedule_text
from tock.core.schedule.skipped_times import SkippedTimes, skipped_times
from tock.core.schedule.validation import check_schedule, no_fire_time_left
from tock.core.time.instant import Instant, just_before
from tock.core.trigger.trigger import Trigger
from tock.web.resources.plausible import FIRST, PlausibleInstant

#: A fire time is marked with a clock change that is at most this far from it.
NEAR = timedelta(days=1)


class PreviewQuery(BaseModel):
    """Which fire times to return."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    since: PlausibleInstant | None = Field(
        default=None, alias="from", description="The earliest fire time to return; by default now."
    )
    count: int = Field(default=10, ge=1, le=100)


class PreviewRequest(PreviewQuery):
    """A schedule to preview without storing it."""

    count: WholeNumber = Field(default=10, ge=1, le=100)
    schedule: Schedule


class ClockChangeKind(StrEnum):
    """What a clock change does to local times."""

    #: Some local times do not exist that day.
    GAP = "gap"
    #: Some local times come twice that day.
    FOLD = "fold"


class Fire(BaseModel):
    """One fire time, with the clock change within a day before or after it, if there is one."""

    model_config = ConfigDict(frozen=True)

    time: Instant
    local: str = Field(description="The local time in the schedule's zone, with its offset from UTC.")
    clock_change: str | None = Field(default=None, description="The clock change nearby, in words.")
    clock_change_kind: ClockChangeKind | None = None
    clock_change_at: Instant | None = None


class Skipped(BaseModel):
    """Local times that the schedule names, but that a clock change skips."""

    model_config = ConfigDict(frozen=True)

    first: str = Field(description="The first of them, a local time without an offset, since it does not exist.")
    last: str
    count: int
    fires_at: Instant | None = Field(description="When they fire instead, once for all; null if they do not fire.")
    clock_change: str = Field(description="The clock change in words.")
    clock_change_at: Instant


class Preview(BaseModel):
    """The next fire times of a schedule; fewer than requested if the schedule ends first."""

    model_config = ConfigDict(frozen=True)

    schedule_text: str = Field(
        description="The schedule in words, with its time zone, or its anchor unless that is the default."
    )
    time_zone: str
    enabled: bool = Field(
        description="False if the trigger is disabled: it fires at none of these times unless it is enabled before."
    )
    fire_times: tuple[Instant, ...]
    fires: tuple[Fire, ...]
    skipped: tuple[Skipped, ...] = Field(description="What clock changes skip before the last of these fire times.")


def preview(
    schedule: Schedule,
    query: PreviewQuery,
    *,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    enabled: bool = True,
) -> Preview:
    """Return the fire times at or after the queried instant, within `start` and `end`, as if it were enabled."""
    first = max(query.since or now, start or FIRST)
    following = fire_times(schedule, after=just_before(first))
    if end is not None:
        following = takewhile(lambda fire_time: fire_time < end, following)
    shown = tuple(islice(following, query.count))
    time_zone = time_zone_of(schedule)
    last = shown[-1] if len(shown) == query.count else end or first
    return Preview(
        schedule_text=schedule_text(schedule),
        time_zone=time_zone,
        enabled=enabled,
        fire_times=shown,
        fires=tuple(_fire(fire_time, time_zone=time_zone) for fire_time in shown),
        skipped=tuple(
            _skipped(each, time_zone=time_zone)
            for each in skipped_times(schedule, after=just_before(first), until=max(first, last))
        ),
    )


def preview_new(
    schedule: Schedule,
    query: PreviewQuery,
    *,
    now: datetime,
    shortest_interval: timedelta,
    start: datetime | None = None,
    end: datetime | None = None,
    enabled: bool = True,
) -> Preview:
    """Return the preview of a schedule that somebody writes. Raises InvalidArgument if no trigger may have it.

    A trigger that is disabled may have a schedule without a further fire time.
    """
    check_schedule(schedule, shortest_interval=shortest_interval)
    first = now if start is None or start <= now else just_before(start)
    following = next(fire_times(schedule, after=first), None)
    if enabled and (following is None or (end is not None and following >= end)):
        raise no_fire_time_left(schedule, now=now)
    return preview(schedule, query, now=now, start=start, end=end, enabled=enabled)


def preview_of(trigger: Trigger, query: PreviewQuery, *, now: datetime) -> Preview:
    """Return the preview of a trigger; it counts as enabled while a claimed fire time has not come."""
    enabled = trigger.enabled or any(claimed.fire_time > now for claimed in trigger.claimed)
    return preview(trigger.schedule, query, now=now, start=trigger.start, end=trigger.end, enabled=enabled)


def _fire(time: datetime, *, time_zone: str) -> Fire:
    local = local_time_text(time, time_zone=time_zone)
    change = _change_near(time, time_zone=time_zone)
    if change is None:
        return Fire(time=time, local=local)
    kind = ClockChangeKind.GAP if change.after > change.before else ClockChangeKind.FOLD
    note = _in_words(change, kind=kind, time_zone=time_zone)
    return Fire(time=time, local=local, clock_change=note, clock_change_kind=kind, clock_change_at=change.at)


def _skipped(skipped: SkippedTimes, *, time_zone: str) -> Skipped:
    return Skipped(
        first=skipped.first.isoformat(),
        last=skipped.last.isoformat(),
        count=skipped.count,
        fires_at=skipped.fires_at,
        clock_change=_in_words(skipped.change, kind=ClockChangeKind.GAP, time_zone=time_zone),
        clock_change_at=skipped.change.at,
    )


def _change_near(time: datetime, *, time_zone: str) -> ClockChange | None:
    if time_zone == "UTC":
        return None
    return next(clock_changes(ZoneInfo(time_zone), after=time - NEAR, until=time + NEAR), None)


def _in_words(change: ClockChange, *, kind: ClockChangeKind, time_zone: str) -> str:
    # The local times right before and right after the change, without an offset on purpose.
    before, after = (change.at.replace(tzinfo=None) + offset for offset in (change.before, change.after))
    low, high = min(before, after), max(before, after)
    turn, effect = ("forward", "do not exist") if kind is ClockChangeKind.GAP else ("back", "come twice")
    return (
        f"{kind.value}: the clocks of {time_zone} go {turn} from {before:%H:%M} to {after:%H:%M} on {before:%Y-%m-%d}; "
        f"local times from {low:%H:%M} to {high:%H:%M} {effect}"
    )
