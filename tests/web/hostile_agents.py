"""Agents that emit, return or raise whatever a test drew."""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tock.ports.executor import RunContext


@dataclass(frozen=True, repr=False)
class Conduct:
    """What an agent does: it emits events of any kind and data, then returns or raises any value."""

    emits: Sequence[tuple[Any, Any]]
    ends_with: Any
    raises: bool = False

    def __repr__(self) -> str:
        try:
            return f"Conduct({self.emits!r}, {self.ends_with!r}, raises={self.raises})"
        except BaseException as exc:  # noqa: BLE001 - some values have no text
            return f"Conduct(<{type(exc).__name__}>)"


#: What the async agent does, by the name that the run's payload gives.
CONDUCTS: dict[str, Conduct] = {}


class Panic(BaseException):
    """No Exception, as a panic of a module written in Rust."""


class Unreadable:
    """An object whose text nobody can read."""

    def __str__(self) -> str:
        raise GeneratorExit("no text")

    __repr__ = __str__


class UnreadableMapping(dict[str, Any]):
    """A mapping whose members nobody can read."""

    def items(self) -> Any:
        raise Panic("no members")

    def __reduce__(self) -> Any:
        return UnreadableMapping, ()


@dataclass
class Holder:
    """A dataclass that holds anything."""

    value: Any


def nested(levels: int) -> Any:
    """Return lists inside lists, as many as there are levels."""
    value: Any = "deep"
    for _ in range(levels):
        value = [value]
    return value


def endless() -> Any:
    """Return a list that contains itself."""
    value: list[Any] = []
    value += [value, value]
    return value


ODD = {
    "unreadable": Unreadable,
    "unreadable mapping": lambda: UnreadableMapping(a=1),
    "a class": lambda: Unreadable,
    "a function": lambda: len,
    "an ellipsis": lambda: Ellipsis,
    "endless": endless,
}


async def asynchronous(run: RunContext) -> Any:
    return _conduct(run, CONDUCTS[run.input["name"]])


def plain(run: RunContext) -> Any:
    """Do in a child process what the pickled file says."""
    return _conduct(run, pickle.loads(Path(run.input["file"]).read_bytes()))  # noqa: S301 - the test wrote it


def _conduct(run: RunContext, conduct: Conduct) -> Any:
    for kind, data in conduct.emits:
        run.emit(kind, data)
    if conduct.raises:
        raise conduct.ends_with
    return conduct.ends_with
