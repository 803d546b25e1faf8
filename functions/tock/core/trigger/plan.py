"""A plan: the pure decision of a tick for one trigger, which says what runs, what is missed and what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from tock.core.policies import CatchUpMode
from tock.core.run.run import MissedRange
from tock.core.schedule.schedule import fire_times, next_fire_time
from tock.core.trigger.catch_up import CATCH_UP_RATE, catch_up
from tock.core.trigger.trigger import Trigger

#: The most late fire times that one plan decides; after a long outage the next ticks decide the others.
MAX_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tick does with the fire times of one trigger."""

    #: The fire times that become runs, oldest first.
    fires: tuple[datetime, ...]
    #: The fire times that become one `missed` record.
    missed: MissedRange | None
    #: The first fire time that is not decided; None when there is none.
    next_run_at: datetime | None


def first_fire_time(trigger: Trigger, *, after: datetime) -> datetime | None:
    """Return the first fire time strictly after `after` and within the trigger's start and end, or None."""
    if trigger.start is not None and trigger.start > after:
        after = trigger.start - timedelta(microseconds=1)
    fire_time = next_fire_time(trigger.schedule, after=after)
    return None if fire_time is None or _ended(trigger, fire_time) else fire_time


def plan(trigger: Trigger, *, now: datetime, look_ahead: timedelta) -> Plan:
    """Return the decision about the trigger's fire times from `next_run_at` up to `now + look_ahead`.

    1. A trigger without `next_run_at` has an empty plan.
    2. Fire times after `now` run.
    3. Fire times up to `now` are late: the catch-up policy runs some, the others become one `missed` record.
    4. The first fire time that is not decided becomes `next_run_at`.
    """
    late: list[datetime] = []
    coming: list[datetime] = []
    following: datetime | None = None
    for fire_time in _from_next(trigger):
        if fire_time > now + look_ahead or (fire_time <= now and len(late) == MAX_COUNTED):
            following = fire_time
            break
        (late if fire_time <= now else coming).append(fire_time)
    more_are_late = following is not None and following <= now
    if more_are_late and trigger.catch_up.mode is not CatchUpMode.ALL:
        return Plan(fires=(), missed=_range(late), next_run_at=following)
    caught_up, still_due = catch_up(trigger, late, now=now, rate=max(CATCH_UP_RATE, 2 * len(coming)))
    missed = _range(late[: len(late) - len(caught_up) - len(still_due)])
    if still_due:
        return Plan(fires=tuple(caught_up), missed=missed, next_run_at=still_due[0])
    return Plan(fires=(*caught_up, *coming), missed=missed, next_run_at=following)


def plan_all_missed(trigger: Trigger, *, now: datetime) -> Plan:
    """Return the plan that records every fire time up to `now` as missed, which a pause or a deletion needs."""
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


def _range(missed: list[datetime]) -> MissedRange | None:
    return MissedRange(first=missed[0], last=missed[-1], count=len(missed)) if missed else None
