"""What the requests are generated from: the document, with the formats and the ids of this deployment filled in."""

from collections.abc import Callable
from typing import Any

import schemathesis
from schemathesis import HookContext

from conformance import (
    contents,
    fitting_filters,
    fitting_patches,
    fitting_triggers,
    own_names,
    own_secrets,
    texts,
    whole_paths,
)
from conformance.contents import Use


def register(*, lie: Callable[[dict[str, Any]], None] | None = None) -> None:
    """Register the formats, and what is done to the document before requests are generated from it."""

    def before_load_schema(_context: HookContext, raw_schema: dict[str, Any]) -> None:
        if lie is not None:
            lie(raw_schema)
        fill_in(raw_schema)

    texts.register()
    schemathesis.hook(before_load_schema)
    schemathesis.hook(own_names.before_call)
    schemathesis.hook(own_secrets.before_call)
    schemathesis.hook(fitting_filters.before_call)
    schemathesis.hook(fitting_patches.before_call)
    schemathesis.hook(fitting_triggers.before_call)
    schemathesis.hook(whole_paths.before_call)


def fill_in(raw_schema: dict[str, Any]) -> None:
    """Name the texts of the formats that the document leaves to its reader, and the ids that exist here.

    The functions' own servers are left out: here all is one server.
    """
    for path in raw_schema["paths"].values():
        path.pop("servers", None)
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["schema"] = {"enum": _ids(operation["operationId"], parameter["name"])}
                elif parameter["name"] == "If-Match":
                    # The library writes texts of its own into this header, whatever its pattern.
                    parameter["schema"] = {"enum": ["*", '"1"', '"2"']}
                else:
                    _describe(parameter["name"], parameter["schema"])
    _keep_kinds(raw_schema)
    _walk(raw_schema)


def _ids(operation: str, parameter: str) -> list[str]:
    """Return the ids of the resources that the operation may have, and one that nothing has.

    The first ones exist, so that most requests get past their path, and their body decides.
    """
    if parameter in {"run", "key"}:
        return [*(contents.RUNS if parameter == "run" else contents.KEYS), "absent"]
    verb, _, resource = operation.partition("_")
    uses = dict.fromkeys(("patch", "enable", "disable"), Use.CHANGED) | {"put": Use.REPLACED, "delete": Use.DELETED}
    use = uses.get(verb, Use.KEPT) if parameter == resource else Use.KEPT
    return [*contents.IDS[parameter][use], "absent"]


def _walk(part: Any) -> None:
    if isinstance(part, list):
        for inner in part:
            _walk(inner)
    elif isinstance(part, dict):
        if {"x-minimum", "x-maximum"} <= part.keys():
            part["format"] = texts.bounded_duration(part)
        for name, schema in (part.get("properties") or {}).items():
            if isinstance(schema, dict):
                _describe(name, schema)
        for inner in part.values():
            _walk(inner)


def _describe(name: str, schema: dict[str, Any]) -> None:
    for choice in (schema, *schema.get("anyOf", [])):
        if choice.get("format") == "date-time" and name in texts.TIMES:
            choice["format"] = texts.TIMES[name]
        if choice.get("format") == "date" and name in texts.DAYS:
            choice["format"] = texts.DAYS[name]
            # What a day may be depends on the other, and on today.
            choice.pop("examples", None)
        if name in texts.IDS and "pattern" in choice:
            choice["format"] = texts.IDS[name]
        known = texts.CREDENTIALS if name == "basic" else texts.OF_THIS_DEPLOYMENT.get(choice.get("format", ""))
        if known is not None:
            # The document describes the texts of every deployment; this one takes these.
            for keyword in ("pattern", "examples"):
                choice.pop(keyword, None)
            choice["enum"] = [*known]


def _keep_kinds(raw_schema: dict[str, Any]) -> None:
    """Let patches keep the kind of agents and schedules: whether a part fits depends on the kind that is stored."""
    agent = _patch(raw_schema, "/v1/projects/{project}/agents/{agent}")
    agent["kind"] = {"enum": ["python"]}
    agent["config"] = next(choice for choice in agent["config"]["anyOf"] if "callable" in choice["properties"])
    trigger = _patch(raw_schema, "/v1/projects/{project}/triggers/{trigger}")
    trigger["schedule"] = next(choice for choice in trigger["schedule"]["anyOf"] if "cron" in choice["properties"])


def _patch(raw_schema: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the properties of the body of the PATCH of this path."""
    body = raw_schema["paths"][path]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    properties: dict[str, Any] = body["properties"]
    return properties
