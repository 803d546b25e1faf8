"""Refuses the writes that Firestore would refuse for their content: too large, or with a value that it cannot store.

Measuring a size costs much more than the rest of a Commit. A rough upper bound, the weight, decides what is measured.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from google.cloud.firestore_v1 import types
from pydantic import BaseModel

from tock.core.errors import InvalidArgument
from tock.ports.store import Add, Change, Create, Document, Versioned, Write
from tock.store.documents.codec import CODECS
from tock.store.documents.commit import write_messages
from tock.store.documents.values import write_fields
from tock.store.rpc import LARGEST_COMMIT

#: The most bytes of one document (Firestore, "Usage and limits").
LARGEST_DOCUMENT = 1024 * 1024
#: A document larger than this is measured at each write. Lighter writes cannot make a smaller one too large.
LARGE = 16 * 1024

#: A Commit of lighter writes is measured if they weigh more than this together.
_HEAVY_COMMIT = 2 * 1024 * 1024
_LARGEST_NUMBER = 2**63
#: Bytes of a field's name and kind, and of a value of fixed size; a character of JSON text takes six, at most.
_FIELD, _FIXED, _CHARACTER = 24, 32, 6
_Document = types.Document.pb()


def weight(write: Write) -> float:
    """Return an upper bound of the write's bytes; infinite if it may hold a value that cannot be stored."""
    match write:
        case Create(value=value) | Add(value=value) | Change(before=Versioned(restored=True), after=value):
            return _weight_of_model(value)
        case Change(before=before, after=after):
            old = before.value.__dict__
            return sum(_weight(value) for name, value in after.__dict__.items() if value is not old[name])
    return 0.0


def must_be_measured(weights: Sequence[float]) -> bool:
    """Whether writes of these weights must be measured."""
    return any(weight > LARGE for weight in weights) or sum(weights) > _HEAVY_COMMIT


def check_commit(writes: Sequence[Write]) -> None:
    """Accept the writes as one Commit. Raises InvalidArgument if it is too large."""
    size = sum(message.ByteSize() for message in write_messages(writes, documents="documents"))
    if size > LARGEST_COMMIT:
        raise InvalidArgument(field="writes", value=size, remedy=f"{size} bytes in one Commit are too many")


def check_document(document: Document) -> int:
    """Return the bytes of a document. Raises InvalidArgument if they are too many."""
    message = _Document()
    write_fields(message.fields, CODECS[type(document)].stored(document))
    size = int(message.ByteSize())
    if size > LARGEST_DOCUMENT:
        raise InvalidArgument(field="writes", value=size, remedy=f"{size} bytes in one document are too many")
    return size


def _weight(value: Any) -> float:
    weigh = _WEIGHTS.get(value.__class__)
    if weigh is not None:
        return _FIELD + weigh(value)
    return _FIELD + (_weight_of_model(value) if isinstance(value, BaseModel) else _FIXED)


def _weight_of_model(value: BaseModel) -> float:
    return sum(map(_weight, value.__dict__.values()))


def _weight_of_text(value: str) -> float:
    if value.isascii():
        return len(value) * _CHARACTER
    try:
        return len(value.encode()) * _CHARACTER
    except UnicodeEncodeError:
        return math.inf


def _weight_of_number(value: int) -> float:
    return _FIXED if -_LARGEST_NUMBER <= value < _LARGEST_NUMBER else math.inf


def _weight_of_items(value: Sequence[Any]) -> float:
    return sum(map(_weight, value))


def _weight_of_object(value: dict[str, Any]) -> float:
    return sum(map(_weight, value)) + sum(map(_weight, value.values()))


def _fixed(_: object) -> float:
    return _FIXED


_WEIGHTS: dict[type, Callable[[Any], float]] = {
    type(None): _fixed,
    bool: _fixed,
    float: _fixed,
    datetime: _fixed,
    timedelta: _fixed,
    int: _weight_of_number,
    str: _weight_of_text,
    tuple: _weight_of_items,
    list: _weight_of_items,
    dict: _weight_of_object,
}
