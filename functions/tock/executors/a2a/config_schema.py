"""The configuration of an a2a agent as JSON Schema, for the OpenAPI document."""

from typing import Any

from tock.executors.earlier_runs import PREVIOUS_SCHEMA
from tock.executors.outbound.schemas import AUTH, HEADERS

CONFIG_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "The configuration of an agent of kind a2a.",
    "properties": {
        "url": {
            "type": "string",
            "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
            "maxLength": 2048,
            "format": "agent-url",
            "description": "The server's base URL, or its agent card's if it ends with .json.",
            "examples": ["https://agents.example.com", "https://agents.example.com/review/agent-card.json"],
        },
        "auth": AUTH,
        "headers": HEADERS,
        "previous": PREVIOUS_SCHEMA,
    },
    "required": ["url"],
    "additionalProperties": False,
}
