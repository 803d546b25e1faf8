"""A JSON Schema (draft 2020-12) that results must fit: checked when it is written, applied to each result.

Agents' authors write it, and it is applied in the process that all runs share. So a reference is written out in advance
within a bound, nothing is fetched, and a `pattern` is matched by Rust's regular expressions, which take linear time.
"""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from tock.core.json.canonical import canonical

#: How many values a schema may have once its references are written out.
MAX_VALUES = 5_000
#: The most characters of what is said about a value that does not fit; it quotes the value.
LONGEST_MISFIT = 200
_DEFINITIONS = "#/$defs/"
#: Keywords that would fetch or resolve at run time. A property may have such a name: its value is a schema.
_REFUSED = frozenset({"$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$anchor", "$id"})
#: Keywords that take unbounded time: by backtracking, and because each level applies those below it several times.
_UNBOUNDED = frozenset({"patternProperties", "unevaluatedItems", "unevaluatedProperties"})
#: How many compiled patterns are kept, of up to 10 MB: one is matched with each text of a list.
_PATTERNS = 8


def written_out(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with its references written out.

    Raises:
        ValueError: it is no JSON Schema, or it takes too much to apply; the message is what to do about it.
    """
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 imported lazily: few agents have a schema

    result: dict[str, Any] = _WritingOut(schema).of(schema, within=())
    try:
        Draft202012Validator.check_schema(result)
    except SchemaError as exc:
        raise ValueError(f"is no JSON Schema at {exc.json_path}: {exc.message[:200]}") from exc
    return result


def misfits(value: Any, schema: Mapping[str, Any], *, most: int = 5) -> list[str]:
    """Return where and how a value does not fit a schema of `written_out`: at most so many places, none if it fits."""
    errors = _linear()(schema, registry=_registry()).iter_errors(value)
    return [f"{error.json_path}: {error.message[:LONGEST_MISFIT]}" for error in islice(errors, most)]


@cache
def _linear() -> Any:
    """Return a class of validators that take linear time, and keep no error that nobody is told."""
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 as above

    own = {
        "pattern": _pattern_errors,
        "uniqueItems": _repetition_errors,
        "anyOf": _any_of_errors,
        "oneOf": _one_of_errors,
    }
    return validators.extend(Draft202012Validator, own)


def _registry() -> Any:
    """Return a registry of no schemas, so that nothing is fetched."""
    from referencing import Registry  # noqa: PLC0415 as above

    return Registry()


class _WritingOut:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._definitions = schema.get("$defs")
        self._left = MAX_VALUES

    def of(self, value: Any, *, within: tuple[str, ...]) -> Any:
        """Return the value without references; `within` are the definitions that it stands in."""
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"has more than {MAX_VALUES} values once its references are written out")
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
        if name in _UNBOUNDED or (name in _REFUSED and not isinstance(value, Mapping | bool)):
            raise ValueError(f"leave {name} out: it is not supported")
        if name == "pattern" and isinstance(value, str):
            _expression(value)
        return self.of(value, within=within)

    def _definition(self, reference: str, *, within: tuple[str, ...]) -> Any:
        name = reference.removeprefix(_DEFINITIONS)
        if reference == name or not isinstance(self._definitions, Mapping) or name not in self._definitions:
            raise ValueError(f"{reference[:200]!r} must be {_DEFINITIONS}NAME, with NAME in the schema's own $defs")
        if reference in within:
            raise ValueError(f"{reference[:200]!r} refers to itself, which is not supported")
        return self._definitions[name]


def _pattern_errors(_: Any, pattern: str, instance: Any, __: Any) -> Any:
    from jsonschema import ValidationError  # noqa: PLC0415 as above

    if isinstance(instance, str) and not _expression(pattern)(instance):
        yield ValidationError(f"does not match {pattern!r}")


def _repetition_errors(_: Any, unique: Any, instance: Any, __: Any) -> Any:
    # The library compares all items of a list with each other.
    from jsonschema import ValidationError  # noqa: PLC0415 as above

    if unique is True and isinstance(instance, list):
        texts = {json.dumps(canonical(item)) for item in instance}
        if len(texts) < len(instance):
            yield ValidationError("has items that are equal")


def _any_of_errors(validator: Any, schemas: Any, instance: Any, _: Any) -> Any:
    # The library keeps every error of every schema, and each quotes the whole value.
    from jsonschema import ValidationError  # noqa: PLC0415 as above

    if not any(_fits(validator, schema, instance) for schema in schemas):
        yield ValidationError("is not valid under any of the given schemas")


def _one_of_errors(validator: Any, schemas: Any, instance: Any, _: Any) -> Any:
    from jsonschema import ValidationError  # noqa: PLC0415 as above

    fitting = sum(1 for schema in schemas if _fits(validator, schema, instance))
    if fitting != 1:
        yield ValidationError(f"is valid under {fitting} of the given schemas, and must be under one")


def _fits(validator: Any, schema: Any, instance: Any) -> bool:
    return bool(validator.evolve(schema=schema).is_valid(instance))


@lru_cache(maxsize=_PATTERNS)
def _expression(pattern: str) -> Any:
    """Return whether a text has a match, as a function; raises ValueError."""
    from pydantic_core import SchemaError, SchemaValidator, core_schema  # noqa: PLC0415 as above

    try:
        matching = SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError as exc:
        raise ValueError(f"{pattern[:200]!r} is no regular expression, or has look-around or back-references") from exc
    return matching.isinstance_python
