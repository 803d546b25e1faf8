"""The REST API: each operation, each body and answer, and the codes of errors, from the OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any

from documentation.reference.markdown import code, joined, line, prose, table
from documentation.reference.openapi import document
from tock.web import error_responses

_METHODS = ("get", "post", "put", "patch", "delete")


def page() -> str:
    """Return the page."""
    found = document()
    operations = list(_operations(found))
    return joined(
        "# Operations of the API",
        "From the OpenAPI document, `GET /v1/openapi.json`. [The REST API](api.md) says what holds for all of them.",
        table(
            ("request", "what it does"),
            (
                (
                    f"[`{method.upper()} {path}`](#{operation['operationId'].replace('_', '-')})",
                    line(_summary(operation)),
                )
                for method, path, operation in operations
            ),
        ),
        *(_described(method, path, operation) for method, path, operation in operations),
        "## Errors",
        "Every error is a problem document (RFC 9457) with one of these codes.",
        table(
            ("code", "status", "meaning", "the same request may succeed later"),
            (
                (code(kind.code), str(kind.status), line(kind.title), "yes" if kind.transient else "no")
                for kind in sorted(_kinds(), key=lambda kind: (kind.status, kind.code))
            ),
        ),
        "## Bodies and answers",
        *(_schema(name, schema) for name, schema in sorted(found["components"]["schemas"].items())),
    )


def _kinds() -> set[Any]:
    return {*error_responses._TABLE.values(), error_responses._UNFORESEEN}


def _operations(found: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in found["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield method, path, methods[method]


def _described(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parameters = operation.get("parameters", [])
    answers = operation["responses"].items()
    return joined(
        f"### {operation['operationId'].replace('_', '-')}",
        f"`{method.upper()} {path}`",
        prose(operation.get("description") or _summary(operation)),
        table(
            ("parameter", "in", "meaning"),
            (
                (code(each["name"]), each["in"], line(each.get("description", "")) or _type(each.get("schema", {})))
                for each in parameters
            ),
        ),
        _body(operation),
        table(
            ("status", "answer"),
            ((status, " ".join(filter(None, (line(each["description"]), _content(each))))) for status, each in answers),
        ),
    )


def _summary(operation: Mapping[str, Any]) -> str:
    text: str = operation.get("description") or operation.get("summary") or ""
    return text.split("\n\n", maxsplit=1)[0]


def _body(operation: Mapping[str, Any]) -> str:
    content = _content(operation.get("requestBody", {}))
    return f"The body is {content}." if content else ""


def _content(holder: Mapping[str, Any]) -> str:
    schemas = [each.get("schema", {}) for each in holder.get("content", {}).values()]
    return " or ".join(sorted({_type(schema) for schema in schemas if schema}))


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", []))
    choices = schema.get("oneOf") or schema.get("anyOf") or []
    return joined(
        f"### {name}",
        prose(schema.get("description", "")),
        f"One of {', '.join(_type(each) for each in choices)}." if choices else "",
        f"One of {', '.join(code(str(each)) for each in schema['enum'])}." if "enum" in schema else "",
        table(
            ("field", "type", "meaning"),
            (
                (code(field) + (" (required)" if field in required else ""), _type(each), line(_meaning(each)))
                for field, each in schema.get("properties", {}).items()
            ),
        ),
    )


def _meaning(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    said = f"Default: `{default}`." if default not in (None, "", [], {}) else ""
    return " ".join(filter(None, (field.get("description", ""), said)))


def _type(schema: Mapping[str, Any]) -> str:
    """Return a schema's type in a few words, as Markdown."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return code(str(schema["const"]))
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(dict.fromkeys(_type(each) for each in choices))
    if "enum" in schema:
        return " or ".join(code(str(each)) for each in schema["enum"])
    kind = schema.get("type", "any JSON value")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words
