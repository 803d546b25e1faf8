"""What FastAPI does not say of parameters: how ids in a path look, and that no parameter can be null."""

from typing import Any

from tock.core.ids.identifier import ID_PATTERN


def describe_parameters(operation: dict[str, Any]) -> None:
    """Add the pattern of ids to the operation's path parameters, and take null from the others."""
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"]
        if parameter["in"] == "path":
            schema["pattern"] = ID_PATTERN
            parameter["description"] = f"The id of the {parameter['name']}."
            continue
        parameter["schema"] = _not_null(schema)


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without the null that stands for a parameter that is left out: a URL has no null."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**choices[0], **{keyword: value for keyword, value in schema.items() if keyword != "anyOf"}}
