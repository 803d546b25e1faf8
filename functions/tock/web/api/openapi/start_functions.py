"""The functions `trigger` and `retry` as operations: they are deployed apart from the API, at their own addresses."""

from typing import Any

from pydantic.json_schema import models_json_schema

from tock.web.requests import KEY_PATTERN
from tock.web.resources.runs.start_call import RetryCall, StartCall

_REFERENCE = "#/components/schemas/{model}"
_RUN = {"application/json": {"schema": {"$ref": "#/components/schemas/RunResource"}}}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 255 visible ASCII characters; a repeated key returns the same run.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}


def start_functions() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the paths of the two functions, and the schemas that their bodies need.

    A function answers at every path; its name stands for its address here.
    """
    _, defined = models_json_schema([(StartCall, "validation"), (RetryCall, "validation")], ref_template=_REFERENCE)
    schemas: dict[str, Any] = defined["$defs"]
    paths = {
        "/trigger": _path("trigger", body="StartCall", summary="Run a trigger or an agent now, as `:run` does."),
        "/retry": _path("retry", body="RetryCall", summary="Repeat a settled run, as `:retry` does."),
    }
    return paths, schemas


def _path(function: str, *, body: str, summary: str) -> dict[str, Any]:
    return {
        "servers": [
            {
                "url": f"https://{{name}}-{function}-{{number}}.{{region}}.run.app",
                "description": f"The function {function}; `terraform output` shows its address.",
                "variables": {
                    "name": {"default": "tock"},
                    "number": {"default": "123456789012", "description": "The number of the Google Cloud project."},
                    "region": {"default": "europe-west1"},
                },
            }
        ],
        "post": {
            "tags": ["functions"],
            "operationId": f"{function}_function",
            "summary": summary,
            "description": summary,
            "parameters": [_KEY],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": _REFERENCE.format(model=body)}}},
            },
            "responses": {
                "202": {"description": "The run that this request started.", "content": _RUN},
                "200": {"description": "The run that an earlier request with this key started.", "content": _RUN},
            },
        },
    }
