"""Structured queries as the protobuf messages that Firestore takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1 import types

from tock.store.documents.values import write_value

_Operator = types.StructuredQuery.FieldFilter.Operator
_Direction = types.StructuredQuery.Direction
_StructuredQuery = types.StructuredQuery.pb()

#: What queries call a document's full name.
_NAME = "__name__"
_OPERATORS = {
    "==": _Operator.EQUAL,
    "in": _Operator.IN,
    ">": _Operator.GREATER_THAN,
    ">=": _Operator.GREATER_THAN_OR_EQUAL,
    "<": _Operator.LESS_THAN,
    "<=": _Operator.LESS_THAN_OR_EQUAL,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison that a document's field must satisfy."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Position:
    """A document's place in a query's order: the value of the field it orders by, if any, and the full name."""

    value: datetime | int | None
    name: str


@dataclass(frozen=True, slots=True)
class Query:
    """Documents of one collection, or of all collections of that name, ordered by a field and then by name."""

    collection: str
    everywhere: bool = False
    where: Sequence[Condition] = ()
    #: The field to order by, before the name; None orders by name alone.
    order: str | None = None
    descending: bool = False
    #: The fields to return; empty means all.
    fields: Sequence[str] = ()

    def message(self, *, limit: int | None = None, after: Position | None = None) -> Any:
        """Return the `StructuredQuery` message for at most `limit` documents after the position."""
        message = _StructuredQuery()
        message.from_.add(collection_id=self.collection, all_descendants=self.everywhere)
        for name in self.fields:
            message.select.fields.add(field_path=name)
        for condition in self.where:
            message.where.composite_filter.op = types.StructuredQuery.CompositeFilter.Operator.AND
            comparison = message.where.composite_filter.filters.add().field_filter
            comparison.field.field_path = condition.field
            comparison.op = _OPERATORS[condition.operator]
            if condition.field == _NAME:
                comparison.value.reference_value = condition.value
            else:
                write_value(comparison.value, condition.value)
        direction = _Direction.DESCENDING if self.descending else _Direction.ASCENDING
        for field in (self.order, _NAME):
            if field is not None:
                ordered = message.order_by.add(direction=direction)
                ordered.field.field_path = field
        if limit is not None:
            message.limit.value = limit
        if after is not None:
            if self.order is not None:
                write_value(message.start_at.values.add(), after.value)
            message.start_at.values.add().reference_value = after.name
        return message
