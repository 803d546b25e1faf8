"""What comes next in a project, as readers see it."""

from pydantic import BaseModel, ConfigDict, Field

from tock.app.manage.overview.list_upcoming import UpcomingList
from tock.core.schedule.schedule_text import local_time_text
from tock.core.time.instant import Instant
from tock.core.trigger.upcoming import Upcoming, UpcomingStatus
from tock.web.resources.page import UnreadableShape
from tock.web.resources.plausible import PlausibleInstant


class UpcomingQuery(BaseModel):
    """How much of what comes next to return."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    until: PlausibleInstant | None = Field(
        default=None, description="Only what is due before it; by default there is no end."
    )
    limit: int = Field(default=50, ge=1, le=500, description="The most entries.")
    per_trigger: int | None = Field(
        default=None, ge=1, le=500, description="The most unclaimed fire times of one trigger; by default any number."
    )


class UpcomingShape(BaseModel):
    """A run that is held, queued or running, or a fire time that no tick has claimed yet."""

    model_config = ConfigDict(frozen=True)

    due_at: Instant = Field(description="When it starts, or when it should have started.")
    local: str = Field(description="The same in the schedule's time zone, with its offset.")
    status: UpcomingStatus
    trigger: str | None = Field(description="Null for a run of an agent without a trigger.")
    agent: str
    scheduled_for: Instant = Field(
        description="The fire time; of a run that somebody started, the time of the request."
    )
    run: str | None = Field(description="Null while no tick has claimed the fire time.")
    clashes: int = Field(description="How many others of the list are due in the same second.")

    @classmethod
    def of(cls, item: Upcoming) -> "UpcomingShape":
        """Return one entry as readers see it."""
        return cls(
            due_at=item.due_at,
            local=local_time_text(item.due_at, time_zone=item.time_zone),
            status=item.status,
            trigger=item.trigger,
            agent=item.agent,
            scheduled_for=item.scheduled_for,
            run=item.run,
            clashes=item.clashes,
        )


class UpcomingResource(BaseModel):
    """What comes next in a project, the earliest first."""

    model_config = ConfigDict(frozen=True)

    project: str
    upcoming: tuple[UpcomingShape, ...]
    until: Instant | None = Field(
        description="What is due before it is listed, but for a trigger's fire times beyond per_trigger; null if "
        "nothing else comes after the list."
    )
    more: bool = Field(description="Whether the list ends because of its limit.")
    runs_left_out: bool = Field(
        description="Whether more than 1,200 runs are pending: those with the earliest fire times are left out."
    )
    unreadable: tuple[UnreadableShape, ...] = Field(description="Triggers and runs that cannot be read.")

    @classmethod
    def of(cls, found: UpcomingList, *, project: str) -> "UpcomingResource":
        """Return the list as readers see it."""
        return cls(
            project=project,
            upcoming=tuple(map(UpcomingShape.of, found.items)),
            until=found.until,
            more=found.more,
            runs_left_out=found.runs_left_out,
            unreadable=UnreadableShape.of_all(found.unreadable),
        )
