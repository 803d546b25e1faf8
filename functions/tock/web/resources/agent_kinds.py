"""The schema of an agent by its kind, because each kind takes a configuration of its own."""

from collections.abc import Mapping
from typing import Any


def describe_kinds(
    schemas: dict[str, Any], agent: str, *, named: str, configs: Mapping[str, Mapping[str, Any]], place: str
) -> dict[str, str]:
    """Replace the schema `agent` by a choice of one for each kind, and return the references of these.

    `schemas` are at `place` in their document; `named` is the name of a kind's schema, `configs` what the kinds take.
    """
    general = schemas[agent]
    choices = {}
    for kind, config in sorted(configs.items()):
        name = named.format(kind=kind.title())
        own = {"kind": {"const": kind, "type": "string"}, "config": dict(config)}
        schemas[name] = general | {
            "title": name,
            "description": f"{general['description']} It is of kind {kind}.",
            "properties": general["properties"] | own,
            "required": sorted({*general["required"], "config"}),
        }
        choices[kind] = f"{place}{name}"
    schemas[agent] = {
        "title": agent,
        "description": general["description"],
        "oneOf": [{"$ref": reference} for reference in choices.values()],
    }
    return choices
