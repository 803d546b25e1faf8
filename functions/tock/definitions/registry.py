"""Keeps what the modules of this process define, in the order of definition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tock.definitions.place import Place


@dataclass(frozen=True, slots=True)
class AgentDefinition:
    """An agent as code defines it; nothing is checked before `tock plan`, `tock apply` or `tock dev` reads it."""

    id: str
    place: Place
    #: The fields that were given, by their names in the API.
    fields: Mapping[str, Any]
    #: The policies of its triggers that do not say otherwise: timeout and retry.
    policies: Mapping[str, Any]
    #: The type of its result, or None if it has no callable.
    function: object = None
    #: What the result must be: a type, None for anything, or `ANNOTATION` for what the function's annotation says.
    output: object = None


@dataclass(frozen=True, slots=True)
class TriggerDefinition:
    """A trigger as code defines it."""

    id: str
    place: Place
    fields: Mapping[str, Any]


Definition = AgentDefinition | TriggerDefinition

#: Stands for what a function's annotation says of its result.
ANNOTATION = object()
#: The attribute of a function that holds its agent's definition.
MARK = "__tock_agent__"

_defined: list[Definition] = []


def define(definition: Definition) -> None:
    """Keep a definition."""
    _defined.append(definition)


def defined_in(module: str) -> tuple[Definition, ...]:
    """Return what a module defines, and the modules below it that were imported."""
    return tuple(each for each in _defined if _is_within(each, module))


def forget(module: str) -> None:
    """Forget what a module and those below it define, before they are imported again."""
    _defined[:] = [each for each in _defined if not _is_within(each, module)]


def _is_within(definition: Definition, module: str) -> bool:
    return definition.place.module == module or definition.place.module.startswith(f"{module}.")
