"""The next fire times of a schedule, in UTC and on the clocks of its zone, with the clock changes near them."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tock.core.schedule import Schedule, fire_times, time_zone_of
from tock.core.time import Instant
from tock.core.wall_clock import ClockChange, clock_changes

#: How close a clock change is to a fire time that is marked.
NEAR = timedelta(days=1)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(2200, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _imaginable(value: datetime) -> datetime:
    if not _FIRST <= value < _LAST:
        raise ValueError("takes a time from 1970 to 2199")
    return value


From = Annotated[Instant, AfterValidator(_imaginable)]


class PreviewQuery(BaseModel):
    """Which fire times are asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    since: From | None = Field(default=None, alias="from", description="The first instant; now when left out.")
    count: int = Field(default=10, ge=1, le=100)


class PreviewRequest(PreviewQuery):
    """A schedule to preview without keeping it."""

    schedule: Schedule


class TransitionKind(StrEnum):
    """What a clock change does to local times."""

    #: Some local times do not exist that day.
    GAP = "gap"
    #: Some local times come twice that day.
    FOLD = "fold"


class Transition(BaseModel):
    """A clock change within a day of a fire time."""

    model_config = ConfigDict(frozen=True)

    kind: TransitionKind
    at: Instant
    note: str

    @classmethod
    def of(cls, change: ClockChange, *, time_zone: str) -> Self:
        """Return the change in words."""
        # Wall-clock readings right before and right after the change, as naive local times.
        before, after = ((change.at + offset).replace(tzinfo=None) for offset in (change.before, change.after))
        gap = change.after > change.before
        low, high = (before, after) if gap else (after, before)
        effect = "do not exist" if gap else "come twice"
        note = (
            f"The clocks of {time_zone} go {'forward' if gap else 'back'} from {before:%H:%M} to {after:%H:%M} "
            f"on {before:%Y-%m-%d}: local times from {low:%H:%M} to {high:%H:%M} {effect}."
        )
        return cls(kind=TransitionKind.GAP if gap else TransitionKind.FOLD, at=change.at, note=note)


class Occurrence(BaseModel):
    """One fire time."""

    model_config = ConfigDict(frozen=True)

    fire_time: Instant
    local: str = Field(description="On the clocks of the schedule's zone, with their offset from UTC.")
    transition: Transition | None = Field(description="A clock change within a day before or after it.")


class Preview(BaseModel):
    """The next fire times of a schedule; fewer than asked for when it ends before."""

    model_config = ConfigDict(frozen=True)

    time_zone: str
    fire_times: tuple[Instant, ...]
    occurrences: tuple[Occurrence, ...]


def preview(
    schedule: Schedule,
    query: PreviewQuery,
    *,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Preview:
    """Return the fire times at or after the queried instant, within `start` and `end`."""
    first = max(query.since or now, start or _FIRST)
    following = fire_times(schedule, after=first - _MICROSECOND)
    if end is not None:
        following = takewhile(lambda fire_time: fire_time < end, following)
    shown = tuple(islice(following, query.count))
    time_zone = time_zone_of(schedule)
    return Preview(
        time_zone=time_zone,
        fire_times=shown,
        occurrences=tuple(_occurrence(fire_time, time_zone=time_zone) for fire_time in shown),
    )


def _occurrence(fire_time: datetime, *, time_zone: str) -> Occurrence:
    local = fire_time.astimezone(ZoneInfo(time_zone)).isoformat()
    return Occurrence(fire_time=fire_time, local=local, transition=_transition(fire_time, time_zone=time_zone))


def _transition(fire_time: datetime, *, time_zone: str) -> Transition | None:
    if time_zone == "UTC":
        return None
    changes = clock_changes(time_zone, after=fire_time - NEAR, until=fire_time + NEAR)
    return next((Transition.of(change, time_zone=time_zone) for change in changes), None)
