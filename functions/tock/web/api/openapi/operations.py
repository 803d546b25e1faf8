"""The responses of an operation: each error by its status, and the headers that a client can rely on."""

from typing import Any

from tock.web.error_responses import MEDIA_TYPE
from tock.web.requests import ETAG_PATTERN

_PUBLIC = frozenset({"/v1/health"})
_FUNCTIONS = frozenset({"/trigger", "/retry"})
#: Operations of an agent that works elsewhere.
_OWN_TRIGGERS = frozenset({"create_own_trigger", "list_own_triggers", "delete_own_trigger"})
_BY_RUN_TOKEN = frozenset({"callback_run", "send_events", "checkpoint_run"}) | _OWN_TRIGGERS
_PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}
_RETRY_AFTER = {
    "Retry-After": {
        "description": "After how many seconds the request may be repeated; only if `transient` is true.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    }
}
_ETAG = {
    "ETag": {
        "description": "The revision of the resource, for a later If-Match.",
        "required": True,
        "schema": {"type": "string", "pattern": ETAG_PATTERN},
    }
}
_ETAG_OF_UNREADABLE = {
    "ETag": {
        "description": "Only if the code is `unreadable`: the mark of this document, for a later If-Match.",
        "schema": {"type": "string", "pattern": ETAG_PATTERN},
    }
}
_LOCATION = {
    "Location": {
        "description": "The path of the resource.",
        "required": True,
        "schema": {"type": "string", "pattern": "^/v1/projects/"},
    }
}
_CHALLENGE = {
    "WWW-Authenticate": {"description": "How to authenticate.", "required": True, "schema": {"const": "Bearer"}}
}
_MEANING = {
    400: "A field, a header or the body cannot be accepted.",
    401: "The caller is not known: there is no key, or it is not valid.",
    403: "The key opens only its own project, or the run's agent may not do this.",
    404: "There is no such resource, or the key does not open its project.",
    409: "The state of the resource, or of another one, does not allow this, or its stored document cannot be read.",
    412: "The resource is at another revision than If-Match says.",
    413: "The body is longer than 256 KiB.",
    415: "The body has another Content-Type than JSON.",
    500: "A defect of Tock.",
    503: "A service did not answer, or the deployment accepts no callers yet.",
}
#: Operations whose success shows a resource with a revision: these have an ETag.
_REVISED = frozenset({"project", "agent", "trigger", "own_trigger"})


def describe_operation(operation: dict[str, Any], *, path: str) -> None:
    """Add security, the problem document of each status that the operation can answer with, and headers."""
    if path not in _PUBLIC:
        operation["security"] = [{"run_token": []} if operation["operationId"] in _BY_RUN_TOKEN else {"key": []}]
    responses: dict[str, Any] = operation["responses"]
    responses.pop("default", None)
    for status in _errors(operation, path=path):
        described = responses.setdefault(str(status), {"description": _MEANING[status]})
        described.setdefault("content", {})[MEDIA_TYPE] = _PROBLEM
        if headers := {401: _CHALLENGE, 409: _ETAG_OF_UNREADABLE, 503: _RETRY_AFTER}.get(status, {}):
            described["headers"] = headers
    name = operation["operationId"]
    for answered, described in responses.items():
        if answered.startswith("2") and (headers := _headers(name, status=answered)):
            described["headers"] = headers


def _errors(operation: dict[str, Any], *, path: str) -> list[int]:
    name, parameters = operation["operationId"], {each["name"] for each in operation.get("parameters", [])}
    applies = {
        400: True,
        401: path not in _PUBLIC,
        403: name == "create_project" or name in _OWN_TRIGGERS,
        404: "{" in path or path in _FUNCTIONS,
        409: name == "create_project" or "{" in path or path in _FUNCTIONS,
        412: "If-Match" in parameters,
        413: "requestBody" in operation,
        415: "requestBody" in operation,
        500: True,
        503: True,
    }
    return [status for status, does in applies.items() if does]


def _headers(name: str, *, status: str) -> dict[str, Any]:
    verb, _, resource = name.partition("_")
    headers: dict[str, Any] = {}
    if resource in _REVISED and verb in {"create", "read", "patch", "put", "enable", "disable", "duplicate"}:
        headers |= _ETAG
    if (verb == "create" and status == "201") or verb in {"run", "retry", "resume", "exec", "trigger", "duplicate"}:
        headers |= _LOCATION
    return headers
