"""The configuration of a python agent as JSON Schema, for the OpenAPI document."""

from typing import Any

CONFIG_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "The configuration of an agent of kind python.",
    "properties": {
        "callable": {
            "type": "string",
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z][A-Za-z0-9_]*$",
            "format": "python-callable",
            "description": "`package.module:function`; TOCK_PYTHON_MODULES must allow the module to the project.",
            "examples": ["acme.agents:digest"],
        },
        "isolation": {
            "enum": ["loop", "process", None],
            "description": (
                "`loop`: the event loop that async callables share, their default. `process`: a process of its own,"
                " which a plain callable always has."
            ),
        },
    },
    "required": ["callable"],
    "additionalProperties": False,
}
