"""A resource as somebody wrote it: its fields before they are checked, and where each stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """A kind of resource that can be defined."""

    #: An agent.
    AGENT = "agent"
    #: A trigger.
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class Written:
    """The fields of one resource, its id among them, and the file and line of a field, by its dotted path."""

    kind: Kind
    fields: Mapping[str, Any]
    place: Callable[[str], str]

    @property
    def name(self) -> str:
        """The kind and the id, for messages."""
        return f"{self.kind} {self.fields.get('id')}"
