"""Reads values that many documents have in common once, and shares what was read: schedules and policies.

Price: a tick reads thousands of triggers, and their schedules and policies take half of the time of reading them.
"""

from functools import lru_cache
from typing import Annotated, Any

from google.cloud.firestore_v1 import types
from pydantic import BaseModel, TypeAdapter, ValidationError

from tock.store.documents.values import read_value

#: How many values are kept. Their models bound every text in them, so each takes less than a kilobyte.
_KEPT = 4096

_Value = types.Value.pb()


def read_shared(model: type[BaseModel], name: str, message: Any) -> Any:
    """Return what the model's field accepts of a `Value` message, which must be immutable: equal values share it.

    A value that the field does not accept is returned as it was read, so that the validation of the whole document
    names it. Raises ValueError like `read_value`.
    """
    try:
        return _accepted(model, name, message.SerializeToString(deterministic=True))
    except ValidationError:
        return read_value(message)


@lru_cache(maxsize=_KEPT)
def _accepted(model: type[BaseModel], name: str, encoded: bytes) -> Any:
    return _field(model, name).validate_python(read_value(_Value.FromString(encoded)))


@lru_cache
def _field(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    info = model.model_fields[name]
    metadata = [*info.metadata, *([info.discriminator] if info.discriminator is not None else [])]
    annotation: Any = info.annotation
    for item in metadata:
        annotation = Annotated[annotation, item]
    return TypeAdapter(annotation)
