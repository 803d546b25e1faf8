"""The OpenAPI document, with what FastAPI cannot know: keys, and the media type of problem documents."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tock.web.error_responses import MEDIA_TYPE

_NEEDS_NO_KEY = frozenset({"/v1/health"})


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the app's routes."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path not in _NEEDS_NO_KEY:
                operation["security"] = [{"key": []}]
            content = operation["responses"]["default"]["content"]
            content[MEDIA_TYPE] = content.pop("application/json")
    return document
