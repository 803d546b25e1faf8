"""The handler of `tick`: Cloud Scheduler calls it each minute, and Cloud Tasks with the shards of a backlog."""

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tock.app.tick.tick import tick
from tock.core.timing import MAX_SHARDS
from tock.web.deployment import Deployment
from tock.web.functions.respond import respond
from tock.web.functions.service_identity import require_service
from tock.web.requests import bounded_body, parse, parse_json


class _ContinuationRequest(BaseModel):
    """A continuation as Cloud Tasks delivers it: its shards and its name."""

    model_config = ConfigDict(frozen=True)

    shards: Annotated[
        tuple[Annotated[int, Field(ge=0, lt=MAX_SHARDS)], ...], Field(min_length=1, max_length=MAX_SHARDS)
    ]
    tick: Annotated[str, Field(min_length=1, max_length=500)]


async def handle_tick(request: Request, deployment: Deployment) -> Response:
    """Run one tick and respond 200 with its counters; 503 asks the caller to call again.

    A body with `shards` is a continuation, and gets 400 if they are not valid. Any other body, or none, is the minute's
    tick: the deployer chooses what Cloud Scheduler posts.
    """
    return await respond(request, lambda: _tick(request, deployment), function="tick")


async def _tick(request: Request, deployment: Deployment) -> Response:
    await require_service(request, deployment, audience=deployment.access.tick_audience)
    if (continuation := _continuation(await bounded_body(request))) is None:
        counters = await tick(deployment.services)
    else:
        counters = await tick(deployment.services, shards=continuation.shards, name=continuation.tick)
    return JSONResponse(counters.model_dump(mode="json"))


def _continuation(body: bytes) -> _ContinuationRequest | None:
    """Return the continuation that a body holds, or None. Raises NotJson, InvalidRequest."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    is_continuation = isinstance(document, dict) and "shards" in document
    return parse(_ContinuationRequest, parse_json(body)) if is_continuation else None
