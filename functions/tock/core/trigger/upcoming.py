"""What comes next in a project: runs that are not over yet, and the fire times that no tick has claimed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import chain, islice, takewhile

from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.schedule.schedule import time_zone_of
from tock.core.trigger.trigger import Trigger
from tock.core.trigger.undecided import undecided


class UpcomingStatus(StrEnum):
    """How far something that comes next is."""

    #: A runner works on it.
    RUNNING = "running"
    #: It waits for an earlier run, or in line for a slot.
    HELD = "held"
    #: It has a run, which starts when it is due.
    QUEUED = "queued"
    #: Its fire time has passed, but no tick has claimed it: the next one decides by the catch-up policy.
    DUE = "due"
    #: Its fire time has not come, and no tick has claimed it yet.
    TO_COME = "to_come"


#: The statuses of runs that are listed. One that waits for an answer comes when somebody answers.
STATUSES = {
    RunStatus.RUNNING: UpcomingStatus.RUNNING,
    RunStatus.HELD: UpcomingStatus.HELD,
    RunStatus.QUEUED: UpcomingStatus.QUEUED,
}


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One run or fire time; `due_at` is when it starts, or when it should have started."""

    due_at: datetime
    status: UpcomingStatus
    agent: str
    trigger: str | None
    #: The fire time or, of a run that somebody started, the time of the request.
    scheduled_for: datetime
    time_zone: str
    run: str | None = None
    #: How many others of the list are due in the same second.
    clashes: int = 0


def upcoming(
    triggers: Iterable[Trigger],
    runs: Iterable[Run],
    *,
    now: datetime,
    until: datetime | None,
    limit: int,
    per_trigger: int | None = None,
) -> tuple[Upcoming, ...]:
    """Return what is due before `until`, the earliest first, at most `limit`.

    Args:
        triggers: in the order of their `next_run_at`: the first `limit` of them are enough, since each has at least
            one fire time then. Of its fire times up to now only the first is listed, since a tick decides about all.
        runs: those with one of STATUSES, read after the triggers: a fire time that a tick claimed in between is listed
            as its run alone.
        now: the present time.
        until: the end, exclusive; None for no end.
        limit: how many are returned at most.
        per_trigger: how many unclaimed fire times of one trigger are listed at most; None for any number.
    """
    begun = [_of_run(run) for run in runs]
    claimed = {(each.trigger, each.scheduled_for) for each in begun}
    unclaimed = (
        (each for each in _of_trigger(trigger, now=now) if (each.trigger, each.scheduled_for) not in claimed)
        for trigger in triggers
    )
    earliest = merge(
        sorted(begun, key=lambda each: each.due_at),
        *(islice(each, per_trigger) for each in unclaimed),
        key=lambda each: each.due_at,
    )
    within = takewhile(lambda each: until is None or each.due_at < until, earliest)
    return _with_clashes(tuple(islice(within, limit)))


def _of_run(run: Run) -> Upcoming:
    return Upcoming(
        due_at=run.due_at,
        status=STATUSES[run.status],
        agent=run.agent,
        trigger=run.trigger,
        scheduled_for=run.scheduled_for,
        time_zone=run.input.time_zone,
        run=run.id,
    )


def _of_trigger(trigger: Trigger, *, now: datetime) -> Iterator[Upcoming]:
    first = trigger.next_run_at
    late = () if first is None or first > now else (first,)
    for fire_time in chain(late, undecided(trigger, after=now)):
        yield Upcoming(
            due_at=fire_time,
            status=UpcomingStatus.DUE if fire_time <= now else UpcomingStatus.TO_COME,
            agent=trigger.agent,
            trigger=trigger.id,
            scheduled_for=fire_time,
            time_zone=time_zone_of(trigger.schedule),
        )


def _with_clashes(found: Sequence[Upcoming]) -> tuple[Upcoming, ...]:
    seconds = Counter(each.due_at.replace(microsecond=0) for each in found)
    return tuple(replace(each, clashes=seconds[each.due_at.replace(microsecond=0)] - 1) for each in found)
