"""The parts of a configuration's JSON Schema that kinds of agents share: secrets, credentials, headers."""

from typing import Any

from tock.executors.outbound.headers import MAX_HEADER_VALUE, MAX_HEADERS, NAME_PATTERN, VALUE_PATTERN
from tock.executors.outbound.named_secret import SECRET_PATTERN

SECRET: dict[str, Any] = {
    "type": "string",
    "pattern": SECRET_PATTERN,
    "format": "secret-name",
    "description": "A secret of TOCK_SECRETS: the agent's own project and a name.",
    "examples": ["demo/CRM"],
}
#: The kinds of `auth`, of which one is given.
_CREDENTIALS: dict[str, dict[str, Any]] = {
    "bearer": SECRET,
    "basic": SECRET,
    "google_id_token": {
        "type": "string",
        "format": "agent-origin",
        "description": "The audience of the token: the scheme and host of the url.",
        "examples": ["https://review-123456789012.run.app"],
    },
}
AUTH: dict[str, Any] = {
    "description": "The header Authorization of each request.",
    "anyOf": [
        *(
            {"type": "object", "properties": {kind: form}, "required": [kind], "additionalProperties": False}
            for kind, form in _CREDENTIALS.items()
        ),
        {"type": "null"},
    ],
}
HEADERS: dict[str, Any] = {
    "type": ["object", "null"],
    "maxProperties": MAX_HEADERS,
    "propertyNames": {"pattern": NAME_PATTERN},
    "additionalProperties": {"type": "string", "maxLength": MAX_HEADER_VALUE, "pattern": VALUE_PATTERN},
    "description": "Further headers of each request, other than those that Tock or the connection sets.",
}
