"""The handler of the `run` function: executes one delivery of Cloud Tasks."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tock.app.execution.execute import Delivery, execute
from tock.web.deployment import Deployment
from tock.web.error_responses import problem_response
from tock.web.errors import DeliverAgain, WrongMethod
from tock.web.functions.service_identity import require_service


async def handle_run(request: Request, deployment: Deployment) -> Response:
    """Execute the delivery and respond 200 as soon as its outcome is durable, whatever the agent did.

    503 always means: deliver again; 500 is a defect, which is logged. A body that is not a delivery gets
    400, because another delivery of it could not succeed either.
    """
    try:
        return await _run(request, deployment)
    except Exception as exc:  # noqa: BLE001 - every error becomes a problem document
        return problem_response(exc, path=request.url.path)


async def _run(request: Request, deployment: Deployment) -> Response:
    if request.method != "POST":
        raise WrongMethod(request.method, allowed=["POST"])
    await require_service(request, deployment, audience=deployment.access.run_audience)
    receipt = await execute(deployment.services, Delivery.model_validate_json(await request.body()))
    if receipt.deliver_again:
        raise DeliverAgain(receipt=receipt.value)
    return JSONResponse({"receipt": receipt.value})
