"""The configuration of a command agent as JSON Schema, for the OpenAPI document."""

from typing import Any

from tock.core.ids.identifier import ID_PATTERN
from tock.executors.command.allowed import MAX_ARGUMENT, MAX_ARGUMENTS
from tock.executors.earlier_runs import PREVIOUS_SCHEMA

CONFIG_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "The configuration of an agent of kind command.",
    "properties": {
        "command": {
            "type": "string",
            "pattern": ID_PATTERN,
            "description": "The name of a command of the setting TOCK_COMMANDS, which must allow it to the project.",
            "examples": ["coder"],
        },
        "repository": {
            "type": ["string", "null"],
            "pattern": ID_PATTERN,
            "description": "A repository of the setting TOCK_REPOSITORIES, by name: each run gets a workspace of it.",
            "examples": ["shop"],
        },
        "arguments": {
            "type": "array",
            "maxItems": MAX_ARGUMENTS,
            "items": {"type": "string", "maxLength": MAX_ARGUMENT},
            "description": "Further arguments of the command, as many as its entry allows. No shell reads them.",
        },
        "previous": PREVIOUS_SCHEMA,
    },
    "required": ["command"],
    "additionalProperties": False,
}
