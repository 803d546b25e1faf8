"""Finds a member of an agent's answer by its dotted path."""

from collections.abc import Mapping
from typing import Any

#: The most characters of a path, and its pattern in JSON Schema.
MAX_PATH = 200
PATH_PATTERN = r"^[^.]+(\.[^.]+)*$"
#: What stands for a member that the answer does not have.
ABSENT = object()


def is_path(given: object) -> bool:
    """Whether it is a dotted path; a number in it is a position in a list."""
    return isinstance(given, str) and 1 <= len(given) <= MAX_PATH and all(given.split("."))


def member(value: Any, path: str) -> Any:
    """Return the member at the path, or ABSENT."""
    for name in path.split("."):
        match value:
            case Mapping() if name in value:
                value = value[name]
            case list() if name.isascii() and name.isdecimal() and len(name) <= len(str(len(value))):
                if int(name) >= len(value):
                    return ABSENT
                value = value[int(name)]
            case _:
                return ABSENT
    return value
