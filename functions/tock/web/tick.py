"""The edge of `tick`: what Cloud Scheduler calls each minute."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tock.app.tick import tick
from tock.core.errors import TockError
from tock.web.deployment import Deployment
from tock.web.errors import WrongMethod
from tock.web.problems import answer_problem
from tock.web.service_identity import require_service


async def answer_tick(request: Request, deployment: Deployment) -> Response:
    """Run one tick and answer 200 with its counters; 503 asks Cloud Scheduler to call again."""
    try:
        if request.method != "POST":
            raise WrongMethod(request.method, allowed=["POST"])
        await require_service(request, deployment, audience=deployment.access.tick_audience)
        counters = await tick(deployment.parts)
    except TockError as exc:
        return answer_problem(exc, path=request.url.path)
    return JSONResponse(counters.model_dump(mode="json"))
