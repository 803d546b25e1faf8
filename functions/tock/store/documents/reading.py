"""Reads stored documents back, each with its version; one that cannot be read never stops the others."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import ValidationError

from tock.core.time.stamp import Stamp
from tock.core.unreadable import Unreadable
from tock.ports.store import Document, Versioned
from tock.store.documents.codec import DocumentCodec, UnparsableError
from tock.store.documents.commit import version_of
from tock.store.documents.paths import identity_of
from tock.store.documents.values import read_value

_Document = TypeVar("_Document", bound=Document)
_logger = logging.getLogger("tock")


def read_document(
    message: Any, *, codec: DocumentCodec[_Document], documents: str
) -> Versioned[_Document] | Unreadable:
    """Return the document of a `Document` message; log one that cannot be read, and return why."""
    path = path_of_message(message, documents=documents)
    try:
        return Versioned(codec.parsed(path, message.fields), version_of(message.update_time))
    except UnparsableError as exc:
        return unreadable(message, documents=documents, problem=str(exc))


def read_documents(
    messages: Iterable[Any], *, codec: DocumentCodec[_Document], documents: str
) -> tuple[Versioned[_Document] | Unreadable, ...]:
    """Return each document, or why it cannot be read."""
    return tuple(read_document(message, codec=codec, documents=documents) for message in messages)


def unreadable(message: Any, *, documents: str, problem: str, identifier: str | None = None) -> Unreadable:
    """Return what is known of the document of a `Document` message that cannot be read, and log it.

    `identifier` takes the place of the id that the path states.
    """
    path = path_of_message(message, documents=documents)
    kind, project, stated = identity_of(path)
    _logger.error("document_unreadable", extra={"fields": {"document": path, "problem": problem}})
    return Unreadable(
        kind=kind,
        project=project,
        id=identifier or stated,
        version=version_of(message.update_time),
        problem=problem,
        revision=_revision(message),
        created=_created(message),
    )


def path_of_message(message: Any, *, documents: str) -> str:
    """Return the path of a `Document` message: its name without the database's `documents` prefix."""
    return str(message.name).removeprefix(f"{documents}/")


def _revision(message: Any) -> int | None:
    # A field that is absent or no integer reads as 0.
    found = message.fields["revision"].integer_value if "revision" in message.fields else 0
    return int(found) if found > 0 else None


def _created(message: Any) -> Stamp | None:
    if "created" in message.fields:
        with suppress(ValidationError, ValueError, OverflowError):
            return Stamp.model_validate(read_value(message.fields["created"]))
    return None
