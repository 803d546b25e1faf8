"""The edge of `run`: what Cloud Tasks delivers, one attempt of one run."""

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tock.app.execute import Delivery, execute
from tock.core.errors import TockError
from tock.web.deployment import Deployment
from tock.web.problems import problem, problem_for
from tock.web.service_identity import refusal


async def answer_run(request: Request, deployment: Deployment) -> Response:
    """Execute the delivery and answer 200 as soon as its outcome is durable, whatever the agent did.

    503 means only: deliver again. A body that is no delivery is answered 400; delivering it again would not mend it.
    """
    if request.method != "POST":
        return problem(405, "run is called with POST.", headers={"Allow": "POST"})
    try:
        refused = await refusal(request, deployment, audience=deployment.access.run_audience)
        if refused is not None:
            return problem(*refused)
        delivery = Delivery.model_validate_json(await request.body())
        receipt = await execute(deployment.parts, delivery)
    except ValidationError as exc:
        return problem_for(exc)
    except TockError as exc:
        return problem_for(exc)
    if receipt.deliver_again:
        return problem(503, f"Deliver again: {receipt.value}.", headers={"Retry-After": "1"})
    return JSONResponse({"receipt": receipt.value})
