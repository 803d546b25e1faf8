"""The pure decision of a tick for one trigger: which fire times run, which are let go, and which comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from tock.core.policy import CatchUpMode
from tock.core.run.run import MissedRange
from tock.core.schedule.schedule import fire_times, next_fire_time
from tock.core.trigger.trigger import Trigger

#: A fire time that is claimed this late still starts within the promised minute.
PUNCTUAL = timedelta(seconds=60)
#: The most late fire times that `all` runs in one tick, or twice what comes within the look-ahead; the rest stay due.
CATCH_UP_RATE = 10
#: The most late fire times that one plan counts; a longer outage is counted by the ticks that follow.
MAX_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tick does with one trigger."""

    #: The fire times that become runs, oldest first.
    fires: tuple[datetime, ...]
    #: The fire times that become one `missed` record.
    missed: MissedRange | None
    #: The fire time that the next claim starts with; None when nothing is to come.
    next_run_at: datetime | None


def first_fire_time(trigger: Trigger, *, after: datetime) -> datetime | None:
    """Return the first fire time strictly after `after` and within the trigger's start and end, or None."""
    if trigger.start is not None and trigger.start > after:
        after = trigger.start - timedelta(microseconds=1)
    fire_time = next_fire_time(trigger.schedule, after=after)
    return None if fire_time is None or _ended(trigger, fire_time) else fire_time


def plan(trigger: Trigger, *, now: datetime, look_ahead: timedelta) -> Plan:
    """Return what becomes of the trigger's fire times from `next_run_at` up to `now + look_ahead`.

    1. A trigger with nothing to come plans nothing.
    2. Fire times after `now` run.
    3. Fire times up to `now` are late: the catch-up policy keeps some, the others become one `missed` record.
    4. The first fire time that is not decided here is the next.
    """
    late: list[datetime] = []
    coming: list[datetime] = []
    following: datetime | None = None
    for fire_time in _from_next(trigger):
        if fire_time > now + look_ahead or (fire_time <= now and len(late) == MAX_COUNTED):
            following = fire_time
            break
        (late if fire_time <= now else coming).append(fire_time)
    outnumbered = following is not None and following <= now
    if outnumbered and trigger.catch_up.mode is not CatchUpMode.ALL:
        return Plan(fires=(), missed=_range(late), next_run_at=following)
    kept, left = _catch_up(trigger, late, now=now, rate=max(CATCH_UP_RATE, 2 * len(coming)))
    if left:
        return Plan(fires=tuple(kept), missed=_range(late[: len(late) - len(kept) - len(left)]), next_run_at=left[0])
    return Plan(fires=(*kept, *coming), missed=_range(late[: len(late) - len(kept)]), next_run_at=following)


def plan_all_missed(trigger: Trigger, *, now: datetime) -> Plan:
    """Return the plan that records every fire time up to `now` as missed: what a pause or a deletion leaves behind."""
    late: list[datetime] = []
    for fire_time in _from_next(trigger):
        if fire_time > now or len(late) == MAX_COUNTED:
            return Plan(fires=(), missed=_range(late), next_run_at=fire_time)
        late.append(fire_time)
    return Plan(fires=(), missed=_range(late), next_run_at=None)


def _from_next(trigger: Trigger) -> Iterator[datetime]:
    if trigger.next_run_at is None:
        return
    following = fire_times(trigger.schedule, after=trigger.next_run_at)
    for fire_time in chain((trigger.next_run_at,), following):
        if _ended(trigger, fire_time):
            return
        yield fire_time


def _ended(trigger: Trigger, fire_time: datetime) -> bool:
    return trigger.end is not None and fire_time >= trigger.end


def _catch_up(
    trigger: Trigger, late: list[datetime], *, now: datetime, rate: int
) -> tuple[list[datetime], list[datetime]]:
    """Return the late fire times that run now, and those that stay due for a later tick: a tail of `late`."""
    if not late:
        return [], []
    match trigger.catch_up.mode:
        case CatchUpMode.LATEST:
            return [late[-1]] if now - late[-1] <= trigger.catch_up.window else [], []
        case CatchUpMode.NONE:
            return [late[-1]] if now - late[-1] <= PUNCTUAL else [], []
        case CatchUpMode.ALL:
            eligible = [fire_time for fire_time in late if now - fire_time <= trigger.catch_up.window]
            return eligible[:rate], eligible[rate:]


def _range(fire_times_let_go: list[datetime]) -> MissedRange | None:
    if not fire_times_let_go:
        return None
    return MissedRange(first=fire_times_let_go[0], last=fire_times_let_go[-1], count=len(fire_times_let_go))
