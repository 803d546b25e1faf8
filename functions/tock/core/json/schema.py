"""The JSON Schema that an agent's result must fit: checked when the agent is written, applied to each result.

Agents' authors write it, and it is applied in the process that all runs share. So a reference is written out in advance
within a bound, nothing is fetched, and a `pattern` is matched by Rust's regular expressions, which take linear time.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tock.core.errors import InvalidArgument

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

#: How many values a schema may have once its references are written out.
MAX_VALUES = 5_000
_FIELD = "config.output_schema"
_DEFINITIONS = "#/$defs/"
#: Keywords that would fetch, resolve at run time, or take unbounded time.
_REFUSED = frozenset({"$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$anchor", "$id", "patternProperties"})


def checked_schema(schema: object) -> dict[str, Any]:
    """Return the schema with its references written out.

    Raises:
        InvalidArgument: it is no JSON Schema of an object, or it takes too much to apply.
    """
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 imported lazily: few agents have a schema

    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise _refused("write a JSON Schema with the type 'object': a result of another kind is a property of it")
    written_out = _WritingOut(schema).of(schema, within=())
    try:
        Draft202012Validator.check_schema(written_out)
    except SchemaError as exc:
        raise _refused(f"is no JSON Schema at {exc.json_path}: {exc.message[:200]}") from exc
    result: dict[str, Any] = written_out
    return result


def validator(schema: Mapping[str, Any]) -> "Validator":
    """Return what tells how a result does not fit a schema of `checked_schema`."""
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 as above
    from referencing import Registry  # noqa: PLC0415 as above

    linear = validators.extend(Draft202012Validator, {"pattern": _pattern_errors})
    found: Validator = linear(schema, registry=Registry())
    return found


class _WritingOut:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._definitions = schema.get("$defs")
        self._left = MAX_VALUES

    def of(self, value: Any, *, within: tuple[str, ...]) -> Any:
        """Return the value without references; `within` are the definitions that it stands in."""
        self._left -= 1
        if self._left < 0:
            raise _refused(f"has more than {MAX_VALUES} values once its references are written out")
        match value:
            case {"$ref": str(reference)}:
                others = {name: each for name, each in value.items() if name != "$ref"}
                found = self.of(self._definition(reference, within=within), within=(*within, reference))
                return {"allOf": [found], **self.of(others, within=within)} if others else found
            case Mapping():
                return {
                    name: self._member(name, each, within=within) for name, each in value.items() if name != "$defs"
                }
            case list():
                return [self.of(each, within=within) for each in value]
        return value

    def _member(self, name: str, value: Any, *, within: tuple[str, ...]) -> Any:
        if name == "patternProperties" or (name in _REFUSED and not isinstance(value, Mapping | bool)):
            raise _refused(f"leave {name} out: it is not supported")
        if name == "pattern" and isinstance(value, str):
            _expression(value)
        return self.of(value, within=within)

    def _definition(self, reference: str, *, within: tuple[str, ...]) -> Any:
        name = reference.removeprefix(_DEFINITIONS)
        if reference == name or not isinstance(self._definitions, Mapping) or name not in self._definitions:
            raise _refused(f"{reference[:200]!r} must be {_DEFINITIONS}NAME, with NAME in the schema's own $defs")
        if reference in within:
            raise _refused(f"{reference[:200]!r} refers to itself, which is not supported")
        return self._definitions[name]


def _pattern_errors(_: Any, pattern: str, instance: Any, __: Any) -> Any:
    from jsonschema import ValidationError  # noqa: PLC0415 as above

    if isinstance(instance, str) and not _expression(pattern)(instance):
        yield ValidationError(f"does not match {pattern!r}")


def _expression(pattern: str) -> Any:
    """Return whether a text has a match, as a function; raises InvalidArgument."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema  # noqa: PLC0415 as above

    try:
        matching = SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError as exc:
        raise _refused(f"{pattern[:200]!r} is no regular expression, or has look-around or back-references") from exc
    return matching.isinstance_python


def _refused(remedy: str) -> InvalidArgument:
    return InvalidArgument(field=_FIELD, value=None, remedy=remedy)
