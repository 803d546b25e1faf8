"""The health route: when the last tick succeeded, and what is due for the next one."""

from datetime import timedelta

from fastapi import APIRouter, Response

from tock.web.api.routing import PROBLEMS, UseServices, operation_id
from tock.web.resources.health import Backlog, Health, HealthStatus

#: How long no tick may succeed before the scheduler is late: three ticks in a row that did not come, or failed.
LATE = timedelta(minutes=3)

router = APIRouter(tags=["health"], responses=PROBLEMS, generate_unique_id_function=operation_id)


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
