"""The OpenAPI document of a deployment."""

from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tock.core.time.duration import duration_text
from tock.web.api.openapi.agent_kinds import describe_agent_kinds
from tock.web.api.openapi.operations import describe_operation
from tock.web.api.openapi.parameters import describe_parameters
from tock.web.api.openapi.patches import describe_patches
from tock.web.api.openapi.start_functions import start_functions
from tock.web.deployment import Deployment

_DESCRIPTION = """Runs AI agents on time.

Formats of texts, beyond those of JSON Schema: `cron` is a cron expression, `iana-time-zone` a name of the IANA time
zone database, `page-token` the `next_page_token` of the previous page, `python-callable` a callable that the
deployment allows to the project, `agent-url` an https URL with a public host, `agent-origin` the scheme and host of
that URL, `json-schema` an object that is a JSON Schema (draft 2020-12) and refers to nothing outside, `secret-name` a
secret of the agent's own project. `x-minimum` and `x-maximum` are the bounds of a duration.

Every answer has the header `Tock-Version`: the version of Tock that serves it.
"""


def describe(app: FastAPI, deployment: Deployment) -> dict[str, Any]:
    """Return the OpenAPI document: the app's routes, and the functions `trigger` and `retry` with their own servers.

    Some of it is the deployment's own: its kinds of agents, and the shortest interval of its schedules.
    """
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=_DESCRIPTION,
        routes=app.routes,
        servers=[{"url": "/", "description": "The API, at the address that served this document."}],
    )
    document["components"]["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "tock.PROJECT/KEY/SECRET",
            "description": "An API key of the project, or the admin key, which opens every project.",
        },
        "run_token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "tock-run.PROJECT/RUN/SIGNATURE",
            "description": "The token that an agent was given for its run; it opens nothing once the run has ended.",
        },
    }
    paths, schemas = start_functions()
    document["paths"] |= paths
    document["components"]["schemas"] |= {
        name: schema for name, schema in schemas.items() if name not in document["components"]["schemas"]
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method != "servers":
                describe_parameters(operation)
                describe_operation(operation, path=path)
    describe_agent_kinds(document, executors=deployment.services.executors)
    describe_patches(document, executors=deployment.services.executors)
    _describe_shortest_interval(document, deployment.services.timing.shortest_interval)
    return document


def _describe_shortest_interval(document: dict[str, Any], shortest: timedelta) -> None:
    """Say everywhere that an interval is at least the deployment's shortest one; a patch repeats the schema."""
    waiting: list[Any] = [document]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if part.get("title") == "IntervalSchedule":
                part["properties"]["every"]["x-minimum"] = duration_text(shortest)
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
