"""Each kind of agent with the configuration that its executor takes."""

from collections.abc import Mapping
from typing import Any

from tock.ports.executor import Executor

#: The bodies that hold a whole agent, and how the body of one kind is called.
_BODIES = {"NewAgent": "New{kind}Agent", "AgentSpec": "{kind}AgentSpec"}


def describe_agent_kinds(document: dict[str, Any], *, executors: Mapping[str, Executor]) -> None:
    """Replace the schema of each body that holds a whole agent by one for each kind."""
    for name, named in _BODIES.items():
        _describe(document["components"]["schemas"], name, named=named, executors=executors)


def _describe(schemas: dict[str, Any], body: str, *, named: str, executors: Mapping[str, Executor]) -> None:
    general = schemas[body]
    choices = {}
    for kind, executor in sorted(executors.items()):
        name = named.format(kind=kind.title())
        own = {"kind": {"const": kind, "type": "string"}, "config": dict(executor.config_schema)}
        schemas[name] = general | {
            "title": name,
            "description": f"{general['description']} It is of kind {kind}.",
            "properties": general["properties"] | own,
            "required": sorted({*general["required"], "config"}),
        }
        choices[kind] = f"#/components/schemas/{name}"
    schemas[body] = {
        "title": body,
        "description": general["description"],
        "oneOf": [{"$ref": reference} for reference in choices.values()],
        "discriminator": {"propertyName": "kind", "mapping": choices},
    }
