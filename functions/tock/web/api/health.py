"""The health route: when the last tick succeeded, and what is due for the next one."""

from fastapi import APIRouter, Response

from tock.web.api.routing import PROBLEMS, UseDeployment, operation_id
from tock.web.resources.health import Health, HealthStatus

router = APIRouter(tags=["health"], responses=PROBLEMS, generate_unique_id_function=operation_id)


_NO_TICK = "No tick succeeded for three minutes, or a local stack has not ticked yet."


@router.get("/v1/health", responses={503: {"model": Health, "description": _NO_TICK}})
async def read(*, response: Response, deployment: UseDeployment) -> Health:
    """Return whether triggers fire. Needs no key."""
    services = deployment.services
    now = services.clock.now()
    state, backlog = await services.store.scheduler(), await services.store.backlog(until=now)
    health = Health.of(state, backlog=backlog, now=now, started=deployment.started)
    response.status_code = 200 if health.status is HealthStatus.OK else 503
    return health
