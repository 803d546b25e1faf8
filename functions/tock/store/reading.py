"""Reads stored documents back, each with its version; one that does not parse never stops the others."""

import logging
from collections.abc import Iterable
from typing import Any, TypeVar

from tock.core.errors import DocumentUnreadable
from tock.core.trigger.trigger import Trigger
from tock.ports.store import Document, Unreadable, Versioned
from tock.store.codec import TRIGGER, DocumentCodec, UnparsableError
from tock.store.commit import version_of

_Document = TypeVar("_Document", bound=Document)
_logger = logging.getLogger("tock")


def read_document(message: Any, *, codec: DocumentCodec[_Document], documents: str) -> Versioned[_Document]:
    """Return the document of a `Document` message.

    Raises DocumentUnreadable when it no longer parses.
    """
    path = path_of_message(message, documents=documents)
    try:
        return Versioned(codec.parsed(path, message.fields), version_of(message.update_time))
    except UnparsableError as exc:
        raise DocumentUnreadable(path, problem=str(exc)) from exc


def readable(
    messages: Iterable[Any], *, codec: DocumentCodec[_Document], documents: str
) -> Iterable[Versioned[_Document]]:
    """Yield the documents that parse; skip and log the others."""
    for message in messages:
        try:
            yield read_document(message, codec=codec, documents=documents)
        except DocumentUnreadable as exc:
            fields = {"document": exc.document, "problem": exc.problem}
            _logger.exception("document_unreadable", extra={"fields": fields})


def read_trigger(message: Any, *, documents: str) -> Versioned[Trigger] | Unreadable:
    """Return the trigger of a `Document` message, or why it no longer parses."""
    path = path_of_message(message, documents=documents)
    version = version_of(message.update_time)
    try:
        return Versioned(TRIGGER.parsed(path, message.fields), version)
    except UnparsableError as exc:
        _, project, _, identifier = path.split("/")
        return Unreadable(project=project, id=identifier, version=version, problem=str(exc))


def path_of_message(message: Any, *, documents: str) -> str:
    """Return the path of a `Document` message: its name without the database's `documents` prefix."""
    return str(message.name).removeprefix(f"{documents}/")
