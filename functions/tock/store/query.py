"""Structured queries, as the protobuf messages that Firestore takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1 import types

from tock.store.values import write_value

_Operator = types.StructuredQuery.FieldFilter.Operator
_Direction = types.StructuredQuery.Direction
_StructuredQuery = types.StructuredQuery.pb()

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
    """What a field must be."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Position:
    """A place in an order: the ordered field's value, if the order has a field, and the document's full name."""

    value: datetime | int | None
    name: str


@dataclass(frozen=True, slots=True)
class Query:
    """Documents of one collection, or of all collections of that name, ordered by a field and then by name."""

    collection: str
    everywhere: bool = False
    where: Sequence[Condition] = ()
    #: The field that comes first in the order; None orders by name alone.
    order: str | None = None
    descending: bool = False

    def message(self, *, limit: int | None = None, after: Position | None = None) -> Any:
        """Return the `StructuredQuery` message for at most `limit` documents that come behind the position."""
        message = _StructuredQuery()
        message.from_.add(collection_id=self.collection, all_descendants=self.everywhere)
        for condition in self.where:
            message.where.composite_filter.op = types.StructuredQuery.CompositeFilter.Operator.AND
            chosen = message.where.composite_filter.filters.add().field_filter
            chosen.field.field_path = condition.field
            chosen.op = _OPERATORS[condition.operator]
            write_value(chosen.value, condition.value)
        direction = _Direction.DESCENDING if self.descending else _Direction.ASCENDING
        for field in (self.order, "__name__"):
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
