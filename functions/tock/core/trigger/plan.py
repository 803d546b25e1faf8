"""A plan: the pure decision of a tick for one trigger, which says what runs, what is missed and what comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tock.core.run.run import MissedRange
from tock.core.schedule.schedule import next_fire_time
from tock.core.time.instant import just_before
from tock.core.trigger.catch_up import CATCH_UP_RATE, catch_up
from tock.core.trigger.trigger import Trigger
from tock.core.trigger.undecided import has_ended, undecided, undecided_range


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
        after = just_before(trigger.start)
    fire_time = next_fire_time(trigger.schedule, after=after)
    return None if fire_time is None or has_ended(trigger, fire_time) else fire_time


def plan(trigger: Trigger, *, now: datetime, look_ahead: timedelta) -> Plan:
    """Return the decision about the trigger's fire times from `next_run_at` up to `now + look_ahead`.

    1. A trigger without `next_run_at` has an empty plan.
    2. Fire times after `now` run.
    3. Fire times up to `now` are late: the catch-up policy runs some, and those before these become one `missed`
       record, however many an outage has left.
    4. The first fire time that is not decided becomes `next_run_at`. Under `all` it may be a late one.
    """
    coming: list[datetime] = []
    following: datetime | None = None
    for fire_time in undecided(trigger, after=now):
        if fire_time > now + look_ahead:
            following = fire_time
            break
        coming.append(fire_time)
    if trigger.next_run_at is None or trigger.next_run_at > now:
        return Plan(fires=tuple(coming), missed=None, next_run_at=following)
    late = catch_up(trigger, now=now, rate=max(CATCH_UP_RATE, 2 * len(coming)))
    missed = undecided_range(trigger, until=just_before(late.fires[0]) if late.fires else now)
    if late.still_due is not None:
        return Plan(fires=late.fires, missed=missed, next_run_at=late.still_due)
    return Plan(fires=(*late.fires, *coming), missed=missed, next_run_at=following)


def plan_all_missed(trigger: Trigger, *, now: datetime) -> Plan:
    """Return the plan that records every fire time up to `now` as missed, which a pause or a deletion needs."""
    following = next(undecided(trigger, after=now), None)
    return Plan(fires=(), missed=undecided_range(trigger, until=now), next_run_at=following)
