"""The state of the scheduler as readers see it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from tock.core.health.scheduler_state import SchedulerState, TickCounters
from tock.core.time.instant import Instant

#: How long no tick may succeed before the scheduler is late: three ticks in a row that did not come, or failed.
LATE = timedelta(minutes=3)
#: Ticks come at full minutes.
_PERIOD = timedelta(minutes=1)
#: How long after the start of a local stack its first tick may come.
STARTING = 2 * _PERIOD


class HealthStatus(StrEnum):
    """Whether triggers fire."""

    #: A tick succeeded within the last three minutes.
    OK = "ok"
    #: No tick did: due triggers wait.
    LATE = "late"
    #: The local stack has started within the last two minutes, and its first tick is still to come.
    STARTING = "starting"


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
    first_tick_at: Instant | None = Field(
        default=None, description="When the first tick after the start of a local stack is due, while it is starting."
    )

    @classmethod
    def of(
        cls,
        state: SchedulerState | None,
        *,
        backlog: Mapping[str, int],
        now: datetime,
        started: datetime | None = None,
    ) -> "Health":
        """Return the state that the last tick recorded, and what waits for the next one, as readers see it.

        `started` is when the local stack started: before its first tick, there or after a restart, it is not yet late.
        """
        success = None if state is None else state.last_success
        status = HealthStatus.OK if success is not None and now - success <= LATE else HealthStatus.LATE
        if status is HealthStatus.LATE and _is_starting(state, started=started, now=now):
            status = HealthStatus.STARTING
        return cls(
            status=status,
            last_tick=None if state is None else state.last_tick,
            last_success=success,
            age_seconds=None if success is None else (now - success).total_seconds(),
            consecutive_failures=0 if state is None else state.consecutive_failures,
            counters=None if state is None else state.counters,
            backlog=Backlog(**backlog),
            first_tick_at=_next_tick(now) if status is HealthStatus.STARTING else None,
        )


def _is_starting(state: SchedulerState | None, *, started: datetime | None, now: datetime) -> bool:
    """Whether the local stack has just started and has not ticked since."""
    if started is None or now - started > STARTING:
        return False
    return state is None or state.last_tick < started


def _next_tick(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + _PERIOD
