"""The billed size of a document and of its automatic index entries (Firestore, "Storage size calculations")."""

from collections.abc import Iterator
from typing import Any

_NAME_OVERHEAD = 16
_DOCUMENT_OVERHEAD = 32
_ENTRY_OVERHEAD = 32
#: Two entries, ascending and descending; an array has one entry per value instead.
_DIRECTIONS = 2
#: The most bytes of a value that an index keeps.
_LONGEST_INDEXED = 1500


def document_bytes(document: Any) -> int:
    """Return the size of a `Document` message."""
    return _name_bytes(document.name) + _map_bytes(document.fields) + _DOCUMENT_OVERHEAD


def index_bytes(document: Any) -> int:
    """Return the size of all single-field index entries, of which no field is exempt."""
    name = _name_bytes(document.name)
    parent = _name_bytes(document.name.rpartition("/")[0].rpartition("/")[0])
    return sum(name + parent + entry + _ENTRY_OVERHEAD for entry in _entries(document.fields))


def _name_bytes(name: str) -> int:
    path = name.partition("/documents/")[2]
    return sum(_text_bytes(part) for part in path.split("/") if part) + _NAME_OVERHEAD


def _entries(fields: Any, prefix: str = "") -> Iterator[int]:
    for name, value in fields.items():
        path = f"{prefix}{name}"
        kind = value.WhichOneof("value_type")
        if kind == "map_value":
            yield from _entries(value.map_value.fields, f"{path}.")
        if kind == "array_value":
            yield from (_text_bytes(path) + _indexed(item) for item in value.array_value.values)
        else:
            yield from [_text_bytes(path) + _indexed(value)] * _DIRECTIONS


def _indexed(value: Any) -> int:
    return min(_value_bytes(value), _LONGEST_INDEXED)


def _map_bytes(fields: Any) -> int:
    return sum(_text_bytes(name) + _value_bytes(value) for name, value in fields.items())


def _value_bytes(value: Any) -> int:
    match value.WhichOneof("value_type"):
        case "string_value":
            return _text_bytes(value.string_value)
        case "map_value":
            return _map_bytes(value.map_value.fields) + _DOCUMENT_OVERHEAD
        case "array_value":
            return sum(map(_value_bytes, value.array_value.values))
        case "boolean_value" | "null_value":
            return 1
        case "integer_value" | "double_value" | "timestamp_value":
            return 8
        case kind:
            raise ValueError(f"a {kind} is not a value that Tock keeps")


def _text_bytes(text: str) -> int:
    return len(text.encode()) + 1
