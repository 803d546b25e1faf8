"""The trigger as readers see it, and as its author writes it."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from tock.core.fields.types import Identifier
from tock.core.run.last_run import LastRun
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, Schedule, time_zone_of
from tock.core.schedule.schedule_text import local_time_text, schedule_text
from tock.core.time.instant import Instant
from tock.core.time.stamp import Stamp
from tock.core.trigger.trigger import ClaimedRun, Pause, Trigger, TriggerSpec
from tock.core.trigger.undecided import next_fire_times
from tock.web.resources.page import Listed

#: How many of its next fire times a trigger shows.
SHOWN = 3


class TriggerType(StrEnum):
    """What kind of schedule a trigger has."""

    #: By a cron expression.
    RECURRING = "recurring"
    #: At a fixed interval.
    INTERVAL = "interval"
    #: Once.
    ONCE = "once"


class NewTrigger(TriggerSpec):
    """A trigger to create; Tock chooses an id if it has none."""

    id: Identifier | None = None

    @property
    def spec(self) -> TriggerSpec:
        """What the author wrote, without the id."""
        return TriggerSpec.model_construct(**{field: getattr(self, field) for field in TriggerSpec.model_fields})


class TriggerResource(TriggerSpec):
    """A trigger."""

    project: str
    id: str
    type: TriggerType
    revision: int
    next_run_at: Instant | None = Field(description="The next fire time; null when there is none.")
    claimed: tuple[ClaimedRun, ...] = Field(
        description="The runs that wait for their fire time, oldest first: Tock claims them up to 90 s ahead."
    )
    conversation: str | None = Field(
        description="The session that its runs go on with; null unless `session` is `continue`."
    )
    last_run: LastRun | None = Field(
        description="The scheduled run that started last, not one on request; null if none has started yet."
    )
    schedule_text: str = Field(
        description="The schedule in words, with its time zone, or its anchor unless that is the default."
    )
    next_fire_times: tuple[str, ...] = Field(
        description="The next few fire times in the schedule's time zone, with their offset; none while it is disabled."
    )
    paused: Pause | None = Field(description="Why the trigger is disabled; null while it is enabled.")
    created: Stamp
    updated: Stamp

    @classmethod
    def of(cls, trigger: Trigger, *, last_run: LastRun | None, now: datetime) -> "TriggerResource":
        """Return the trigger as readers see it: `next_run_at` may be a fire time that is claimed but has not come.

        A trigger whose last fire time is claimed is enabled until it has come.
        """
        shown = trigger.until_last_fire_time(now)
        computed = {"type", "next_run_at", "claimed", "last_run", "schedule_text", "next_fire_times"}
        same = {field: getattr(shown, field) for field in cls.model_fields if field not in computed}
        claimed = tuple(claim for claim in trigger.claimed if claim.fire_time > now)
        coming = next_fire_times(trigger, now=now, count=SHOWN)
        time_zone = time_zone_of(trigger.schedule)
        return cls.model_construct(
            **same,
            type=type_of(trigger.schedule),
            next_run_at=claimed[0].fire_time if claimed else trigger.next_run_at,
            claimed=claimed,
            last_run=last_run,
            schedule_text=schedule_text(trigger.schedule),
            next_fire_times=tuple(local_time_text(fire_time, time_zone=time_zone) for fire_time in coming),
        )


class TriggerPage(Listed):
    """A page of triggers, newest first."""

    triggers: tuple[TriggerResource, ...]


def type_of(schedule: Schedule) -> TriggerType:
    """Return the kind of a schedule."""
    match schedule:
        case CronSchedule():
            return TriggerType.RECURRING
        case IntervalSchedule():
            return TriggerType.INTERVAL
        case _:
            return TriggerType.ONCE
