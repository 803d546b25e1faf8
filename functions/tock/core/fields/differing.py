"""The fields in which two versions of a resource differ, as JSON tells values apart."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel


def differing_fields(one: BaseModel, other: BaseModel, *, fields: Iterable[str]) -> frozenset[str]:
    """Return those of `fields` whose values differ. JSON's `true` and `false` are no numbers, as they are in Python."""
    return frozenset(field for field in fields if not _same(getattr(one, field), getattr(other, field)))


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and _with_marked_booleans(one) == _with_marked_booleans(other)


def _with_marked_booleans(value: Any) -> Any:
    match value:
        case BaseModel():
            return _with_marked_booleans(dict(value))
        case Mapping():
            return {name: _with_marked_booleans(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_with_marked_booleans(inner) for inner in value]
        case bool():
            return str(value), bool
        case _:
            return value
