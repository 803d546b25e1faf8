"""The columns of a list: what each shows of a resource, and in which order they give way on a narrow terminal."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from tock.cli.errors import UsageError

#: A resource as the server's JSON has it.
Item = Mapping[str, Any]


class Kind(StrEnum):
    """How a column's values are shown in a table."""

    TEXT = "text"
    #: A time of the server.
    TIME = "time"
    #: A number, at the right.
    NUMBER = "number"
    #: A text that may be folded, so that the table fits.
    PROSE = "prose"
    #: The status of a run, or of what comes next: a table says `scheduled` while its time has not come.
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `source` is the field that it shows or what it computes, `words` what a table says instead."""

    name: str
    source: str | Callable[[Item], Any]
    kind: Kind = Kind.TEXT
    words: Callable[[Item], str] | None = None
    #: What a narrow table shows instead.
    short: Callable[[Item], str] | None = None
    #: The column of the highest rank is the first to give way; 0 never does.
    rank: int = 0

    @property
    def heading(self) -> str:
        """What stands above it in a table."""
        return self.name.replace("_", " ")

    def value(self, item: Item) -> Any:
        """Return the value as JSON has it."""
        return member(item, self.source) if isinstance(self.source, str) else self.source(item)


def chosen(columns: Sequence[Column], names: str | None, *, option: str = "--columns") -> tuple[Column, ...]:
    """Return the columns of these names, which commas separate; all if there are none.

    A name is that of a column, or of any field of the resource, such as `usage.cost`. Raises UsageError.
    """
    if names is None:
        return tuple(columns)
    known = {column.name: column for column in columns}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if not wanted:
        raise UsageError(f"{option}: names no column: choose from {', '.join(known)}")
    return tuple(known.get(name) or Column(name, name) for name in wanted)


def require_fields(
    columns: Sequence[Column], items: Sequence[Item], *, known: Sequence[Column], option: str = "--columns"
) -> None:
    """Raise UsageError if a column is none of the known ones, and names no field of any of the items."""
    names = {column.name for column in known}
    for column in columns:
        if column.name in names or not items or any(has_member(item, column.name) for item in items):
            continue
        choices = [*names, *items[0]]
        close = get_close_matches(column.name, choices, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Columns: {', '.join(name.name for name in known)}."
        fields = f"Fields: {', '.join(items[0])}."
        raise UsageError(f"{option}: there is no column {column.name!r}.", details=(hint, fields))


def member(item: Item, path: str) -> Any:
    """Return the value at a path such as `usage.cost`; None if there is none."""
    found: Any = item
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def has_member(item: Item, path: str) -> bool:
    """Return whether the resource has the field; what lies inside a field that is null cannot be told."""
    found: Any = item
    for name in path.split("."):
        if found is None:
            return True
        if not isinstance(found, Mapping) or name not in found:
            return False
        found = found[name]
    return True


def plain(value: Any) -> str:
    """Return a value as text: nothing for null, JSON for lists and objects."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
