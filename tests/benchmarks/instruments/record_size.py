"""The billed size of a document (Firestore, "Storage size calculations")."""

from typing import Any

_NAME_OVERHEAD = 16
_DOCUMENT_OVERHEAD = 32


def document_bytes(document: Any) -> int:
    """Return the size of a `Document` message."""
    return name_bytes(document.name) + _map_bytes(document.fields) + _DOCUMENT_OVERHEAD


def name_bytes(name: str) -> int:
    """Return the size of a document's full name."""
    path = name.partition("/documents/")[2]
    return sum(text_bytes(part) for part in path.split("/") if part) + _NAME_OVERHEAD


def value_bytes(value: Any) -> int:
    """Return the size of a `Value` message."""
    match value.WhichOneof("value_type"):
        case "string_value":
            return text_bytes(value.string_value)
        case "map_value":
            return _map_bytes(value.map_value.fields) + _DOCUMENT_OVERHEAD
        case "array_value":
            return sum(map(value_bytes, value.array_value.values))
        case "boolean_value" | "null_value":
            return 1
        case "integer_value" | "double_value" | "timestamp_value":
            return 8
        case kind:
            raise ValueError(f"a {kind} is not a value that Tock keeps")


def text_bytes(text: str) -> int:
    """Return the size of a text, also of a field's name."""
    return len(text.encode()) + 1


def _map_bytes(fields: Any) -> int:
    return sum(text_bytes(name) + value_bytes(value) for name, value in fields.items())
