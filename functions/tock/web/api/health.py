"""The route of health: when the last tick succeeded, and what waits for the next."""

from datetime import timedelta
from enum import StrEnum

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from tock.core.scheduler_state import TickCounters
from tock.core.time import Instant
from tock.web.api.routing import PROBLEMS, UseServices

#: Three ticks in a row that did not come, or failed.
LATE = timedelta(minutes=3)

router = APIRouter(tags=["health"], responses=PROBLEMS)


class HealthStatus(StrEnum):
    """Whether triggers fire."""

    #: A tick succeeded within the last three minutes.
    OK = "ok"
    #: None did: what falls due waits.
    LATE = "late"


class Backlog(BaseModel):
    """What is due and not yet taken up, over all projects."""

    model_config = ConfigDict(frozen=True)

    triggers: int
    runs: int


class Health(BaseModel):
    """How the scheduler is; counts only, nothing of any project."""

    model_config = ConfigDict(frozen=True)

    status: HealthStatus
    last_tick: Instant | None
    last_success: Instant | None
    age_seconds: float | None = Field(description="Since the last successful tick.")
    consecutive_failures: int
    counters: TickCounters | None = Field(description="What the last successful tick did.")
    backlog: Backlog


@router.get("/v1/health", responses={503: {"model": Health, "description": "No tick succeeded for three minutes."}})
async def health(*, response: Response, services: UseServices) -> Health:
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
