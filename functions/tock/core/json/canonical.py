"""The canonical form of a JSON value: two texts of one value, as `{"a":1,"b":1.0}` and `{"b":1,"a":1}`, are one."""

from typing import Any


def canonical(value: Any) -> Any:
    """Return the value with the members of its objects sorted by name, and whole numbers as integers.

    JSON leaves the order of members and the way to write a number to the writer (RFC 8259; RFC 8785 fixes both).
    """
    match value:
        case dict():
            return {name: canonical(value[name]) for name in sorted(value)}
        case list() | tuple():
            return [canonical(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
