"""A trigger: an agent with a schedule, an input and policies, and the fire time that comes next."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tock.core.agent.agent import LABELS
from tock.core.agent.evidence import Evidence
from tock.core.fields.git_ref import Ref
from tock.core.fields.later import LATER
from tock.core.fields.types import Identifier, JsonObject, Label, Labels, MaxParallel, Text, Title, WholeNumber
from tock.core.policies import CatchUp, Overlap, ProgressEvery, Retry, SessionMode, StartDeadline, Timeout
from tock.core.schedule.schedule import Schedule
from tock.core.time.instant import Instant
from tock.core.time.stamp import Stamp


class Input(BaseModel):
    """The input of a trigger's runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: Text | None = Field(
        default=None,
        description="A template. {{payload.repo}} becomes that value of the payload, {{scheduled_for}} the fire time "
        "in UTC, {{scheduled_for_local}} the same in the schedule's time zone, and {{time_zone}} that zone's name.",
    )
    payload: JsonObject = Field(default_factory=dict)
    model: Label | None = None
    ref: Ref | None = None


class TriggerSpec(BaseModel):
    """The fields of a trigger that its author writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: Identifier
    schedule: Schedule
    name: Title | None = None
    description: Text = ""
    input: Input = Input()
    overlap: Overlap = Overlap.SKIP
    queue_depth: WholeNumber = Field(
        default=1, ge=1, le=10, description="How many runs the overlap policy `queue` holds."
    )
    max_parallel: Annotated[MaxParallel | None, LATER] = Field(
        default=None, description="How many runs the overlap policy `parallel` lets work at once."
    )
    session: Annotated[SessionMode, LATER] = Field(
        default=SessionMode.NEW,
        description="Whether each fire time begins a conversation (`new`) or goes on with that of the one before it "
        "(`continue`).",
    )
    catch_up: CatchUp = CatchUp()
    start_deadline: Annotated[StartDeadline | None, LATER] = Field(
        default=None, description="How long after its fire time a run may start; a later one is recorded as missed."
    )
    retry: Retry = Retry()
    timeout: Timeout = timedelta(minutes=5)
    evidence: Annotated[Evidence | None, LATER] = Field(
        default=None, description="What its runs must show to succeed; null: what their agent asks for."
    )
    progress_every: Annotated[ProgressEvery | None, LATER] = Field(
        default=None,
        description="How long an attempt may go on without an event, usage, a checkpoint or a line of output before it "
        "is stopped; null: as long as its agent allows.",
    )
    start: Instant | None = Field(default=None, description="The trigger has no fire time before it.")
    end: Instant | None = Field(default=None, description="The trigger has no fire time at or after it.")
    enabled: bool = Field(default=True, strict=True)
    labels: Annotated[Labels, LATER] = Field(default={}, description=LABELS)

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"end: {self.end.isoformat()} is not after start: give a later end, or none")
        return self

    @model_validator(mode="after")
    def _only_parallel_has_a_maximum(self) -> Self:
        if self.max_parallel is not None and self.overlap is not Overlap.PARALLEL:
            raise ValueError(f"max_parallel: overlap is {self.overlap}, which lets one run work: leave it out")
        return self

    @model_validator(mode="after")
    def _a_conversation_has_one_run_at_a_time(self) -> Self:
        if self.session is SessionMode.CONTINUE and self.overlap is Overlap.PARALLEL:
            raise ValueError(
                "session: continue lets one run at a time go on with the conversation, and overlap is parallel: "
                "choose the overlap skip, queue or replace, or the session new"
            )
        return self


class PauseReason(StrEnum):
    """Why a trigger is disabled."""

    #: A person disabled it; a person enables it again.
    DISABLED = "disabled"
    #: Its schedule has no further fire time; an edit of the schedule brings it back.
    EXHAUSTED = "exhausted"
    #: A tick could not read or claim the stored trigger; `note` says why. A person has to correct it.
    INVALID = "invalid"


class Pause(BaseModel):
    """Why, when and by whom a trigger was disabled."""

    model_config = ConfigDict(frozen=True)

    reason: PauseReason
    note: str = ""
    at: Instant
    by: str


class ClaimedRun(BaseModel):
    """A claimed run whose fire time had not come; an edit may still cancel it before then."""

    model_config = ConfigDict(frozen=True)

    run: str
    fire_time: Instant


class Trigger(TriggerSpec):
    """A trigger as it is stored: one document with everything that a tick needs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: Identifier
    id: Identifier
    #: Every edit adds one; an ETag stands for it. A trigger that reuses the id of a deleted one goes on counting.
    revision: int = 1
    #: Every edit that changes what will run adds one; it is part of an occurrence's identity.
    generation: int = 1
    #: The next fire time to claim. With None there is none, and the query for due triggers never finds the trigger.
    next_run_at: Instant | None = None
    shard: int
    #: The claimed runs whose fire time had not come at the newest claim, oldest first.
    claimed: tuple[ClaimedRun, ...] = ()
    #: The id of the session that its runs go on with, if its policy is to continue.
    conversation: Annotated[str | None, LATER] = None
    #: The run of the newest claimed occurrence, which becomes `previous` of the next run.
    last_run: str | None = None
    #: The time that the newest claim or edit used as now. Clocks differ, so the next one never uses an earlier time.
    decided_at: Instant | None = None
    paused: Pause | None = None
    created: Stamp
    updated: Stamp

    def time_to_decide(self, now: datetime) -> datetime:
        """Return the time that a claim or an edit uses as now: `now`, or `decided_at` if that is later."""
        return now if self.decided_at is None else max(now, self.decided_at)

    def until_last_fire_time(self, now: datetime) -> "Trigger":
        """Return the trigger, enabled if it is exhausted but a claimed fire time has not come yet.

        The claim of the last fire time disables a trigger as exhausted. Until that fire time, it is shown, edited and
        paused as the enabled trigger that it was.
        """
        exhausted = self.paused is not None and self.paused.reason is PauseReason.EXHAUSTED
        if exhausted and any(claimed.fire_time > now for claimed in self.claimed):
            return self.model_copy(update={"enabled": True, "paused": None})
        return self
