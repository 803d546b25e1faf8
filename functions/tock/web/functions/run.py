"""The handler of the `run` function: executes one delivery of Cloud Tasks."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tock.app.execution.execute import Delivery, execute
from tock.web.deployment import Deployment
from tock.web.errors import DeliverAgain
from tock.web.functions.respond import respond
from tock.web.functions.service_identity import require_service
from tock.web.requests import bounded_body, parse, parse_json


async def handle_run(request: Request, deployment: Deployment) -> Response:
    """Execute the delivery and respond 200 as soon as its outcome is durable, whatever the agent did.

    503 always means: deliver again; 500 is a defect, which is logged. A body that is not a delivery gets
    400, because another delivery of it could not succeed either.
    """
    return await respond(request, lambda: _run(request, deployment), function="run")


async def _run(request: Request, deployment: Deployment) -> Response:
    await require_service(request, deployment, audience=deployment.access.run_audience)
    delivery = parse(Delivery, parse_json(await bounded_body(request)))
    receipt = await execute(deployment.services, delivery)
    if receipt.deliver_again:
        raise DeliverAgain(receipt=receipt.value)
    return JSONResponse({"receipt": receipt.value})
