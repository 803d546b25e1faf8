"""Converts writes to the messages of one Firestore Commit, each with its precondition."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1 import types

from tock.core.errors import InvalidArgument
from tock.core.run.run import RunError
from tock.core.run.status import RunStatus
from tock.core.trigger.claim import SCHEDULER
from tock.core.trigger.trigger import PauseReason
from tock.core.unreadable import Unreadable
from tock.ports.store import Add, Change, Create, Delete, DisableUnreadable, Document, FailUnreadable, Write
from tock.store.documents.codec import CODECS, RUN, TRIGGER, DocumentCodec
from tock.store.documents.document_fields import write_document_fields
from tock.store.documents.paths import path_of
from tock.store.documents.values import write_value

#: A version is the time of the document's last write in nanoseconds: a precondition compares it exactly.
NANOSECONDS = 1_000_000_000

_Write = types.Write.pb()


def write_messages(writes: Sequence[Write], *, documents: str) -> list[Any]:
    """Return a `Write` message for each write; `documents` is the prefix of the database's document names."""
    return [_write_message(write, documents=documents) for write in writes]


def disabled_fields(trigger: Unreadable, *, at: datetime) -> dict[str, Any]:
    """Return the fields that disable a trigger that cannot be read; None takes the field's old value away."""
    paused = {"reason": PauseReason.INVALID, "note": trigger.problem, "at": at, "by": SCHEDULER}
    return {"enabled": False, "next_run_at": None, "paused": paused}


def failed_fields(run: Unreadable, *, at: datetime, expire_at: datetime) -> dict[str, Any]:
    """Return the fields that end a run that cannot be read; None takes the field's old value away."""
    message = f"The stored run cannot be read: {run.problem}"
    return {
        "status": RunStatus.FAILED,
        "error": RunError(type="unreadable", message=message, retryable=False).model_dump(),
        "finished": at,
        "lease": None,
        "check_at": None,
        "expire_at": expire_at,
    }


def version_of(timestamp: Any) -> int:
    """Return the version that a `Timestamp` message states."""
    return int(timestamp.seconds * NANOSECONDS + timestamp.nanos)


def committed_version(response: Any) -> int:
    """Return the version that the written documents have after the Commit of this `CommitResponse` message.

    A document that the Commit did not change keeps its earlier version, and a deleted document has none.
    """
    written = [version_of(result.update_time) for result in response.write_results]
    return max(written, default=0) or version_of(response.commit_time)


def _write_message(write: Write, *, documents: str) -> Any:
    match write:
        case Create(value=value):
            codec = CODECS[type(value)]
            message = _Write()
            message.update.name = f"{documents}/{path_of(value)}"
            _write(message, codec.stored(value), codec=codec)
            message.current_document.exists = False
        case Change(before=before, after=after):
            path = path_of(after)
            if path != path_of(before.value):
                raise ValueError(f"a Change cannot move {path_of(before.value)} to {path}")
            codec = CODECS[type(after)]
            if before.restored:
                message = _Write()
                message.update.name = f"{documents}/{path}"
                _write(message, codec.stored(after), codec=codec)
                _require(message, version=before.version)
            else:
                difference = codec.difference(before.value, after)
                message = _update(f"{documents}/{path}", difference, version=before.version)
                _write(message, codec.present(difference), codec=codec)
        case Add(value=value):
            message = _addition(f"{documents}/{path_of(value)}", value, codec=CODECS[type(value)])
        case Delete(value=value, version=version):
            message = _Write(delete=f"{documents}/{path_of(value)}")
            if version is not None:
                _require(message, version=version)
        case DisableUnreadable(trigger=trigger, at=at):
            disabled = disabled_fields(trigger, at=at)
            message = _update(f"{documents}/{path_of(trigger)}", disabled, version=trigger.version)
            _write(message, TRIGGER.present(disabled), codec=TRIGGER)
        case FailUnreadable(run=run, at=at, expire_at=expire_at):
            failed = failed_fields(run, at=at, expire_at=expire_at)
            message = _update(f"{documents}/{path_of(run)}", failed, version=run.version)
            _write(message, RUN.present(failed), codec=RUN)
    return message


def _update(name: str, fields: Iterable[str], *, version: int) -> Any:
    # An update with an empty mask only checks the precondition: the document and its version stay as they are. A field
    # that the mask names and the message does not carry is deleted.
    message = _Write()
    message.update.name = name
    message.update_mask.SetInParent()
    message.update_mask.field_paths.extend(fields)
    _require(message, version=version)
    return message


def _addition(name: str, value: Document, *, codec: DocumentCodec[Any]) -> Any:
    # Firestore adds by itself, so nobody reads the document before: writes of many runners do not conflict.
    stored = codec.stored(value)
    message = _Write()
    message.update.name = name
    values = {field: each for field, each in stored.items() if field not in codec.counters}
    message.update_mask.field_paths.extend(values)
    _write(message, values, codec=codec)
    for field in sorted(codec.counters & stored.keys()):
        transform = message.update_transforms.add(field_path=field)
        write_value(transform.increment, stored[field])
    return message


def _write(message: Any, values: dict[str, Any], *, codec: DocumentCodec[Any]) -> None:
    try:
        write_document_fields(message.update, values, shared=codec.shared)
    except (TypeError, ValueError) as exc:
        remedy = f"{message.update.name} holds a value that Firestore cannot store: {exc}"
        raise InvalidArgument(field="writes", value=None, remedy=remedy) from exc


def _require(message: Any, *, version: int) -> None:
    precondition = message.current_document.update_time
    precondition.seconds, precondition.nanos = divmod(version, NANOSECONDS)
