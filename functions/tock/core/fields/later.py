"""Marks the fields that earlier versions refuse, which are not stored while they have their default.

Models refuse unknown fields. While a new version is deployed, the earlier one works beside it and must be able to read
what it stores; it can, as long as nobody uses a new field.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

#: The mark, in the annotation of a field that has a default: `Annotated[bool, LATER]`.
LATER = object()


def stored_fields(document: BaseModel) -> Mapping[str, Any]:
    """Return the model's own fields to store, by name, with models in them as they are."""
    later = later_defaults(type(document))
    fields = document.__dict__
    if not later:
        return fields
    return {name: value for name, value in fields.items() if name not in later or value != later[name]}


def stored_dump(document: BaseModel) -> dict[str, Any]:
    """Return the model as JSON values without the fields that are not stored, at every level of models."""
    dumped = document.model_dump(mode="json")
    return {
        name: stored_dump(value) if isinstance(value, BaseModel) else dumped[name]
        for name, value in stored_fields(document).items()
    }


@cache
def later_defaults(model: type[BaseModel]) -> Mapping[str, Any]:
    """Return the model's marked fields with their default."""
    return {name: info.default for name, info in model.model_fields.items() if LATER in info.metadata}
