"""The response to a request that starts a run."""

from typing import Any

from fastapi import Response

from tock.app.start.launch import Launched
from tock.web.resources.runs.run import RunResource, run_path
from tock.web.resources.runs.run_request import status_of

#: What OpenAPI says of the response to a repeated request.
REPEATED: dict[int | str, dict[str, Any]] = {
    200: {"model": RunResource, "description": "The run that an earlier request with this Idempotency-Key started."}
}


def answer_launched(launched: Launched, response: Response) -> RunResource:
    """Return the run, and set the status: 202 when this request created it, 200 when an earlier one did."""
    response.status_code = status_of(launched)
    response.headers["Location"] = run_path(launched.run)
    return RunResource.of(launched.run)
