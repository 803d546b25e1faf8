"""A stored trigger that a writer other than Tock has changed so that it no longer parses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1 import types

from tock.core.trigger.claim import SCHEDULER
from tock.core.trigger.trigger import PauseReason, Trigger
from tock.ports.store import Unreadable, Versioned
from tock.store.codec import TRIGGER, UnparsableError
from tock.store.paths import path_of
from tock.store.values import read_fields, write_fields, write_value

_Document = types.Document.pb()


@dataclass(frozen=True, slots=True)
class UnreadableTrigger:
    """A stored trigger that does not parse: its `Document` message, its version and the reason."""

    message: Any
    version: int
    problem: str

    @property
    def ids(self) -> tuple[str, str]:
        """The project and the id."""
        _, project, _, identifier = self.message.name.split("/")
        return project, identifier

    @property
    def unreadable(self) -> Unreadable:
        """What the port returns for it."""
        project, identifier = self.ids
        return Unreadable(project=project, id=identifier, version=self.version, problem=self.problem)

    def instant(self, *path: str) -> datetime | None:
        """Return the stored time, or None if the value is none: an index of times has no entry for it then."""
        found = self.field(*path)
        return found if isinstance(found, datetime) else None

    def field(self, *path: str) -> Any:
        """Return the stored value, or None."""
        fields = self.message.fields
        for name in path[:-1]:
            fields = fields[name].map_value.fields if name in fields else {}
        return read_fields({path[-1]: fields[path[-1]]})[path[-1]] if path[-1] in fields else None

    def disabled(self, *, at: datetime, version: int) -> "Versioned[Trigger] | UnreadableTrigger":
        """Return it disabled, without a next fire time and with the reason."""
        paused = {"reason": PauseReason.INVALID, "note": self.problem, "at": at, "by": SCHEDULER}
        return overwrite(self, fields={"next_run_at": None, "enabled": False, "paused": paused}, version=version)


def overwrite(
    stored: Versioned[Trigger] | UnreadableTrigger, *, fields: Mapping[str, Any], version: int
) -> Versioned[Trigger] | UnreadableTrigger:
    """Return the trigger with these stored fields overwritten, or the same object if they have these values."""
    message, before = _Document(), _Document()
    if isinstance(stored, UnreadableTrigger):
        message.CopyFrom(stored.message)
    else:
        message.name = path_of(stored.value)
        write_fields(message.fields, TRIGGER.stored(stored.value))
    before.CopyFrom(message)
    for name, value in fields.items():
        message.fields[name].Clear()
        _write(message.fields[name], value)
    if message == before:
        return stored
    try:
        return Versioned(TRIGGER.parsed(message.name, message.fields), version)
    except UnparsableError as exc:
        return UnreadableTrigger(message, version, str(exc))


def _write(target: Any, value: Any) -> None:
    """Write any value that Firestore accepts, also bytes, which no document of Tock contains."""
    match value:
        case bytes():
            target.bytes_value = value
        case dict():
            target.map_value.SetInParent()
            for name, inner in value.items():
                _write(target.map_value.fields[name], inner)
        case list():
            target.array_value.SetInParent()
            for inner in value:
                _write(target.array_value.values.add(), inner)
        case _:
            write_value(target, value)
