"""The health route: when the last tick succeeded, and what is due for the next one."""

from datetime import timedelta
from enum import StrEnum

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from tock.core.scheduler_state import TickCounters
from tock.core.time import Instant
from tock.web.api.routing import PROBLEMS, UseServices, operation_id

#: How long no tick may succeed before the scheduler is late: three ticks in a row that did not come, or failed.
LATE = timedelta(minutes=3)

router = APIRouter(tags=["health"], responses=PROBLEMS, generate_unique_id_function=operation_id)


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


@router.get("/v1/health", responses={503: {"model": Health, "description": "No tick succeeded for three minutes."}})
async def read(*, response: Response, services: UseServices) -> Health:
    """Return whether triggers fire. Needs no key."""
    now = services.clock.now()
    state = await services.store.scheduler()
    backlog = await services.store.backlog(until=now)
    success = None if state is None else state.last_success
    late = success is None or now - success > LATE
    response.status_code = 503 if late else 200
    return Health(
        status=HealthStatus.LATE if late else HealthStatus.OK,
        last_tick=None if state is None else state.last_tick,
        last_success=success,
        age_seconds=None if success is None else (now - success).total_seconds(),
        consecutive_failures=0 if state is None else state.consecutive_failures,
        counters=None if state is None else state.counters,
        backlog=Backlog(**backlog),
    )
