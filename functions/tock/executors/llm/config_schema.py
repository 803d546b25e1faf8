"""The configuration of an llm agent as JSON Schema, for the OpenAPI document."""

from typing import Any

from tock.executors.earlier_runs import PREVIOUS_SCHEMA
from tock.executors.outbound.schemas import SECRET

MODEL_PATTERN = r"^(?:test|[a-z0-9][a-z0-9-]{0,62}:\S{1,128})$"
#: What an MCP server, a tool and a limit are called, and how many there may be.
NAME_PATTERN = r"^[A-Za-z0-9_.-]{1,128}$"
MAX_TOOLS, MAX_APPROVE, MAX_LIMIT = 10, 50, 2**53 - 1
MAX_INSTRUCTIONS = 100_000
LIMITS = ("requests", "input_tokens", "output_tokens", "total_tokens")

_NAME = {"type": "string", "pattern": NAME_PATTERN}
CONFIG_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "The configuration of an agent of kind llm.",
    "properties": {
        "model": {
            "type": "string",
            "pattern": MODEL_PATTERN,
            "description": "PROVIDER:NAME, as pydantic-ai names models, or `test`, which answers without a network.",
            "examples": ["openai:gpt-5.2"],
        },
        "key": {
            "anyOf": [SECRET, {"type": "null"}],
            "description": "The provider's key; by default the deployment's key for this provider.",
        },
        "instructions": {"type": ["string", "null"], "maxLength": MAX_INSTRUCTIONS},
        "output_schema": {
            "type": ["object", "null"],
            "format": "output-schema",
            "description": "The JSON Schema of the result, an object. Without it the result is the model's text.",
        },
        "tools": {
            "type": ["array", "null"],
            "maxItems": MAX_TOOLS,
            "description": "MCP servers: by a name of TOCK_MCP_SERVERS, or by URL.",
            "items": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {"mcp": _NAME},
                        "required": ["mcp"],
                        "additionalProperties": False,
                    },
                    {
                        "type": "object",
                        "properties": {
                            "mcp_url": {"type": "string", "maxLength": 2048, "format": "agent-url"},
                            "auth": {"anyOf": [SECRET, {"type": "null"}], "description": "A bearer token."},
                        },
                        "required": ["mcp_url"],
                        "additionalProperties": False,
                    },
                ]
            },
        },
        "limits": {
            "type": ["object", "null"],
            "properties": {name: {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT} for name in LIMITS},
            "additionalProperties": False,
            "description": "An attempt that would exceed one of them fails.",
        },
        "approve": {
            "type": ["array", "null"],
            "items": _NAME,
            "maxItems": MAX_APPROVE,
            "description": "The tools whose calls wait until a person approves.",
        },
        "previous": PREVIOUS_SCHEMA,
    },
    "required": ["model"],
    "additionalProperties": False,
}
