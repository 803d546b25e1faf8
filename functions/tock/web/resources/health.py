"""The state of the scheduler as readers see it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from tock.core.scheduler_state import TickCounters
from tock.core.time import Instant


class HealthStatus(StrEnum):
    """Whether triggers fire."""

    #: A tick succeeded within the last three minutes.
    OK = "ok"
    #: No tick did: due triggers wait.
    LATE = "late"


class Backlog(BaseModel):
    """How many triggers are due and how many runs are overdue, over all projects."""

    model_config = ConfigDict(frozen=True)

    triggers: int
    runs: int


class Health(BaseModel):
    """The state of the scheduler: only counts, nothing about any project."""

    model_config = ConfigDict(frozen=True)

    status: HealthStatus
    last_tick: Instant | None
    last_success: Instant | None
    age_seconds: float | None = Field(description="How long ago the last successful tick started.")
    consecutive_failures: int
    counters: TickCounters | None = Field(description="What the last successful tick did.")
    backlog: Backlog
