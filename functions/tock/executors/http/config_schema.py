"""The configuration of an http agent as JSON Schema, for the OpenAPI document."""

from typing import Any

from tock.executors.http.headers import MAX_HEADER_VALUE, MAX_HEADERS, NAME_PATTERN, VALUE_PATTERN
from tock.executors.http.named_secret import SECRET_PATTERN

_SECRET = {
    "type": "string",
    "pattern": SECRET_PATTERN,
    "format": "secret-name",
    "description": "A secret of TOCK_SECRETS: the agent's own project and a name.",
    "examples": ["demo/CRM"],
}
#: The kinds of `auth`, of which one is given.
_AUTH: dict[str, dict[str, Any]] = {
    "bearer": _SECRET,
    "basic": _SECRET,
    "google_id_token": {
        "type": "string",
        "format": "agent-origin",
        "description": "The audience of the token: the scheme and host of the url.",
        "examples": ["https://review-123456789012.run.app"],
    },
}
CONFIG_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "The configuration of an agent of kind http.",
    "properties": {
        "url": {
            "type": "string",
            "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
            "maxLength": 2048,
            "format": "agent-url",
            "description": "An https URL with a public host; TOCK_ALLOWED_HOSTS lists exceptions.",
            "examples": ["https://agents.example.com/run"],
        },
        "secret": {"anyOf": [_SECRET, {"type": "null"}], "description": "The secret that signs each request."},
        "auth": {
            "description": "The header Authorization of each request.",
            "anyOf": [
                *(
                    {"type": "object", "properties": {kind: form}, "required": [kind], "additionalProperties": False}
                    for kind, form in _AUTH.items()
                ),
                {"type": "null"},
            ],
        },
        "headers": {
            "type": ["object", "null"],
            "maxProperties": MAX_HEADERS,
            "propertyNames": {"pattern": NAME_PATTERN},
            "additionalProperties": {"type": "string", "maxLength": MAX_HEADER_VALUE, "pattern": VALUE_PATTERN},
            "description": "Further headers of each request, other than those that Tock or the connection sets.",
        },
    },
    "required": ["url"],
    "additionalProperties": False,
}
