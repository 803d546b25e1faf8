"""The field that somebody probably meant who wrote one that a model does not have."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel


def similar_field(model: type[BaseModel], location: Sequence[str]) -> str | None:
    """Return the field that is most like the last part of a location, where that part stands; None if none is.

    `location` leads from the model through its fields, with the indexes of lists between them.
    """
    *outer, unknown = location
    models = [model]
    for part in outer:
        found = [each for known in models if part in known.model_fields for each in _models_in(known, part)]
        # An index or a key of an object is no field: what is below it has the same models.
        models = found or models
    fields = {name for known in models for name in known.model_fields}
    similar = difflib.get_close_matches(unknown, sorted(fields), n=1)
    return similar[0] if similar else None


def _models_in(model: type[BaseModel], field: str) -> Iterator[type[BaseModel]]:
    waiting: list[Any] = [model.model_fields[field].annotation]
    while waiting:
        part = waiting.pop()
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield part
        else:
            waiting += get_args(part)
