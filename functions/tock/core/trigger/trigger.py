"""A trigger: agent, schedule, input and policies, with the fire time that comes next."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tock.core.field_types import Identifier, JsonObject, Label, Text, Title
from tock.core.policy import CatchUp, Overlap, Retry, Timeout
from tock.core.schedule.schedule import Schedule
from tock.core.stamp import Stamp
from tock.core.time import Instant


class Input(BaseModel):
    """What a run is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: Text | None = Field(default=None, description="A template: {{payload.repo}} becomes that value.")
    payload: JsonObject = Field(default_factory=dict)
    model: Label | None = None
    ref: Label | None = None


class TriggerSpec(BaseModel):
    """What the author of a trigger writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: Identifier
    schedule: Schedule
    name: Title | None = None
    description: Text = ""
    input: Input = Input()
    overlap: Overlap = Overlap.SKIP
    queue_depth: int = Field(default=1, ge=1, le=10, description="How many runs `queue` holds at once.")
    catch_up: CatchUp = CatchUp()
    retry: Retry = Retry()
    timeout: Timeout = timedelta(minutes=5)
    start: Instant | None = Field(default=None, description="No fire time before it.")
    end: Instant | None = Field(default=None, description="No fire time at or after it.")
    enabled: bool = True

    @model_validator(mode="after")
    def _end_follows_start(self) -> Self:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"end: {self.end.isoformat()} is not after start: give a later end, or none")
        return self


class PauseReason(StrEnum):
    """Why a trigger is disabled."""

    #: A person disabled it; a person enables it again.
    DISABLED = "disabled"
    #: Its schedule has no further fire time; an edit of the schedule brings it back.
    EXHAUSTED = "exhausted"
    #: What is stored can no longer be read; `note` says why, and whoever wrote it so mends the document.
    INVALID = "invalid"


class Pause(BaseModel):
    """Why, when and by whom a trigger was disabled."""

    model_config = ConfigDict(frozen=True)

    reason: PauseReason
    note: str = ""
    at: Instant
    by: str


class ClaimedRun(BaseModel):
    """A run of the last look-ahead window, which an edit may still cancel before its fire time."""

    model_config = ConfigDict(frozen=True)

    run: str
    fire_time: Instant


class Trigger(TriggerSpec):
    """A trigger as it is kept: one document with everything a tick needs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: Identifier
    id: Identifier
    #: Grows by one with every edit; what an ETag stands for. A trigger that takes a deleted one's id goes on counting.
    revision: int = 1
    #: Grows by one with every edit that changes what will run; part of an occurrence's identity.
    generation: int = 1
    #: The next fire time to claim; None when nothing is to come, and then the due query never finds it.
    next_run_at: Instant | None = None
    shard: int
    #: The runs of the last look-ahead window, oldest first.
    claimed: tuple[ClaimedRun, ...] = ()
    #: The run of the newest claimed occurrence: the next one's `previous`.
    last_run: str | None = None
    last_fire_time: Instant | None = None
    #: The clock of the newest claim or edit. Clocks differ: none decides by an earlier time than the one before it.
    decided_at: Instant | None = None
    paused: Pause | None = None
    created: Stamp
    updated: Stamp

    def time_to_decide(self, now: datetime) -> datetime:
        """Return the time by which a claim or an edit decides: a clock's, but never before an earlier decision's."""
        return now if self.decided_at is None else max(now, self.decided_at)
