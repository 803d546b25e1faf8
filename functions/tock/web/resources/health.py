"""The state of the scheduler as readers see it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from tock.core.health.scheduler_state import SchedulerState, TickCounters
from tock.core.time.instant import Instant

#: How long no tick may succeed before the scheduler is late: three ticks in a row that did not come, or failed.
LATE = timedelta(minutes=3)


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

    @classmethod
    def of(cls, state: SchedulerState | None, *, backlog: Mapping[str, int], now: datetime) -> "Health":
        """Return the state that the last tick recorded, and what waits for the next one, as readers see it."""
        success = None if state is None else state.last_success
        late = success is None or now - success > LATE
        return cls(
            status=HealthStatus.LATE if late else HealthStatus.OK,
            last_tick=None if state is None else state.last_tick,
            last_success=success,
            age_seconds=None if success is None else (now - success).total_seconds(),
            consecutive_failures=0 if state is None else state.consecutive_failures,
            counters=None if state is None else state.counters,
            backlog=Backlog(**backlog),
        )
