"""The edge of `tick`: what Cloud Scheduler calls each minute."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tock.app.tick import tick
from tock.core.errors import TockError
from tock.web.deployment import Deployment
from tock.web.problems import problem, problem_for
from tock.web.service_identity import refusal


async def answer_tick(request: Request, deployment: Deployment) -> Response:
    """Run one tick and answer 200 with its counters; 503 asks Cloud Scheduler to call again."""
    if request.method != "POST":
        return problem(405, "tick is called with POST.", headers={"Allow": "POST"})
    try:
        refused = await refusal(request, deployment, audience=deployment.access.tick_audience)
        if refused is not None:
            return problem(*refused)
        counters = await tick(deployment.parts)
    except TockError as exc:
        return problem_for(exc)
    return JSONResponse(counters.model_dump(mode="json"))
