"""Writes the fields of a document, those that recur in many documents from kept bytes.

Price: a tick writes thousands of runs that differ in a few fields. Most values of the others are the same in all of
them, and a kept field costs a tenth of one that is written.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from google.cloud.firestore_v1 import types

from tock.core.time.stamp import Stamp
from tock.store.documents.values import write_value

#: How many fields are kept. A field takes less than a kilobyte (see `shared_values`).
_KEPT = 4096
#: Values of these types recur. Texts seldom do, because most are ids; a number that is not whole may be -0.0, which
#: equals 0.0.
_RECURRING = (type(None), int, StrEnum, datetime, timedelta, Stamp)

_Document = types.Document.pb()


def write_document_fields(document: Any, values: Mapping[str, Any], *, shared: Collection[str] = ()) -> None:
    """Add each value under its name to the fields of a `Document` message, which had none of these names.

    `shared` names fields with an immutable value that many documents have in common.

    Raises:
        TypeError: a document cannot hold a value of this type.
        ValueError: a number is out of range.
    """
    kept: list[bytes] = []
    for name, value in values.items():
        if isinstance(value, _RECURRING) or (name in shared and value is not None):
            kept.append(_field(name, value))
        else:
            write_value(document.fields[name], value)
    # The bytes of two messages one after the other are those of a message with the fields of both (protobuf,
    # "Encoding": last one wins, and maps are merged).
    document.MergeFromString(b"".join(kept))


# In Python 1 == True; they are told apart by their types.
@lru_cache(maxsize=_KEPT, typed=True)
def _field(name: str, value: Any) -> bytes:
    document = _Document()
    write_value(document.fields[name], value)
    encoded: bytes = document.SerializeToString()
    return encoded
