"""A stored document that cannot be read: it does not parse, or it holds what cannot be shown as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1 import types

from tock.core.json.problem import json_problem
from tock.core.run.events.event import Chunk
from tock.core.unreadable import Unreadable
from tock.ports.store import Document, Versioned
from tock.store.documents.codec import CODECS, UnparsableError
from tock.store.documents.commit import NANOSECONDS
from tock.store.documents.paths import path_of
from tock.store.documents.reading import unreadable
from tock.store.documents.values import read_fields, write_fields, write_value

_Document = types.Document.pb()


@dataclass(frozen=True, slots=True)
class UnreadableDocument:
    """A stored document that cannot be read: its model, its `Document` message and the reason."""

    model: type[Document]
    message: Any
    version: int
    problem: str

    @property
    def unreadable(self) -> Unreadable:
        """What the port returns for it."""
        return unreadable(self.message, documents="", problem=self.problem)

    def instant(self, *path: str) -> datetime | None:
        """Return the stored time, or None if the value is none: an index of times has no entry for it then."""
        found = self.field(*path)
        return found if isinstance(found, datetime) else None

    def number(self, name: str) -> int | None:
        """Return the stored whole number, or None."""
        found = self.field(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def field(self, *path: str) -> Any:
        """Return the stored value, or None."""
        fields = self.message.fields
        for name in path[:-1]:
            fields = fields[name].map_value.fields if name in fields else {}
        try:
            return read_fields({path[-1]: fields[path[-1]]})[path[-1]] if path[-1] in fields else None
        except ValueError:
            return None


def stored_as(document: Document, *, version: int) -> Versioned[Document] | UnreadableDocument:
    """Return the document as it is stored: unreadable if it holds what cannot be shown as JSON."""
    if not any(json_problem(value) for value in _free_json(document)):
        return Versioned(document, version)
    return _parsed(type(document), _message(document), version=version)


def overwrite(
    stored: Versioned[Document] | UnreadableDocument, *, fields: Mapping[str, Any], version: int
) -> Versioned[Document] | UnreadableDocument:
    """Return the document with these stored fields overwritten, or the same object if they have these values.

    None deletes a field that may be absent.
    """
    model = stored.model if isinstance(stored, UnreadableDocument) else type(stored.value)
    message, before = _Document(), _Document()
    message.CopyFrom(stored.message if isinstance(stored, UnreadableDocument) else _message(stored.value))
    message.ClearField("update_time")
    before.CopyFrom(message)
    for name, value in fields.items():
        message.fields[name].Clear()
        _write(message.fields[name], value)
    if message == before:
        return stored
    return _parsed(model, message, version=version)


def _free_json(document: Any) -> list[Any]:
    match document:
        case Chunk():
            return [event.data for event in document.events]
        case _:
            values = [getattr(document, name, None) for name in ("config", "result")]
            given = getattr(document, "input", None) or getattr(getattr(document, "spec", None), "input", None)
            return [*values, *(() if given is None else (given.payload,))]


def _message(document: Document) -> Any:
    message = _Document(name=path_of(document))
    write_fields(message.fields, CODECS[type(document)].stored(document))
    return message


def _parsed(model: type[Document], message: Any, *, version: int) -> Versioned[Document] | UnreadableDocument:
    message.update_time.seconds, message.update_time.nanos = divmod(version, NANOSECONDS)
    try:
        return Versioned(CODECS[model].parsed(message.name, message.fields), version)
    except UnparsableError as exc:
        return UnreadableDocument(model, message, version, str(exc))


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
