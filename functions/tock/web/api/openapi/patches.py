"""What a merge patch holds where an object merges member by member: a part of it is enough, and null removes."""

from collections.abc import Mapping
from typing import Any

from tock.ports.executor import Executor


def describe_patches(document: dict[str, Any], *, executors: Mapping[str, Executor]) -> None:
    """Describe the schedule in a trigger's patch, the kind and config in an agent's, and the labels in both."""
    trigger = _patch(document, "/v1/projects/{project}/triggers/{trigger}")
    trigger["schedule"] = {
        "title": "Schedule",
        "description": "It merges with the schedule, unless it names another kind of schedule.",
        "anyOf": [_partial(choice) for choice in trigger["schedule"]["oneOf"]],
    }
    agent = _patch(document, "/v1/projects/{project}/agents/{agent}")
    for patch in (trigger, agent):
        patch["labels"] = _member(patch["labels"])
    agent["kind"] = {"type": "string", "enum": sorted(executors), "description": "Give its config with it."}
    agent["config"] = {
        "description": "It merges with the config, unless the kind changes: then it is the whole config.",
        "anyOf": [_partial(executor.config_schema) for _, executor in sorted(executors.items())],
    }


def _patch(document: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the properties of the body of the PATCH of this path."""
    body = document["paths"][path]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    properties: dict[str, Any] = body["properties"]
    return properties


def _partial(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a part of the object: nothing is required, and null removes what has a default."""
    properties = {name: _member(member) for name, member in schema["properties"].items()}
    return {key: value for key, value in schema.items() if key != "required"} | {"properties": properties}


def _member(schema: Mapping[str, Any]) -> dict[str, Any]:
    member = dict(schema)
    if isinstance(inner := member.get("additionalProperties"), dict):
        member["additionalProperties"] = _or_null(inner)
    if patterns := member.get("patternProperties"):
        # What no member can be called, no object has: to remove it changes nothing.
        member["patternProperties"] = {pattern: _or_null(inner) for pattern, inner in patterns.items()}
        member["additionalProperties"] = {"type": "null"}
    if "default" not in member:
        return member
    del member["default"]
    return _or_null(member)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}
