"""The health route: when the last tick succeeded, and what is due for the next one."""

from fastapi import APIRouter, Response

from tock.web.api.routing import PROBLEMS, UseServices, operation_id
from tock.web.resources.health import Health, HealthStatus

router = APIRouter(tags=["health"], responses=PROBLEMS, generate_unique_id_function=operation_id)


@router.get("/v1/health", responses={503: {"model": Health, "description": "No tick succeeded for three minutes."}})
async def read(*, response: Response, services: UseServices) -> Health:
    """Return whether triggers fire. Needs no key."""
    now = services.clock.now()
    state = await services.store.scheduler()
    health = Health.of(state, backlog=await services.store.backlog(until=now), now=now)
    response.status_code = 503 if health.status is HealthStatus.LATE else 200
    return health
