"""The indexes that Terraform declares, and the indexes that a query needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
from google.cloud.firestore_v1 import types

_INFRA = Path(__file__).parents[2] / "infra"
_Direction = types.StructuredQuery.Direction
_NAME = "__name__"


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a collection or a collection group: its fields, each with its direction."""

    collection: str
    scope: str
    fields: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        fields = ", ".join(f"{field} {direction.lower()}" for field, direction in self.fields)
        return f"{self.collection} ({fields}), {self.scope.lower()}"


@cache
def declared() -> frozenset[Index]:
    """Return the indexes in `infra/`: composite ones, and those of single fields without an exemption."""
    composite = {
        Index(
            _text(index["collection"]),
            _text(index["scope"]),
            tuple((_text(field), _text(order)) for field, order in index["fields"]),
        )
        for index in _local("indexes.tf", "indexes")
    }
    single = {
        Index(_text(collection), "COLLECTION", ((_text(of["field"]), _text(of["order"])),))
        for collection, of in _local("fields.tf", "ordered").items()
    }
    return frozenset(composite | single)


@cache
def exempt() -> frozenset[str]:
    """Return the collections whose fields have no automatic indexes."""
    return frozenset(_text(collection) for collection in _local("fields.tf", "exempt"))


def needed(query: Any) -> frozenset[Index]:
    """Return the indexes that a `StructuredQuery` message needs if no field has automatic indexes.

    A query without a field needs none. Several equalities with one order are served by a declared index that begins
    with all of them, or by merging one index for each (Firestore, "Index overview"). An index of a query over shards
    begins with the shard, so that its times have an end for each shard, except for the runs of one trigger, which are
    few.
    """
    [source] = query.from_
    scope = "COLLECTION_GROUP" if source.all_descendants else "COLLECTION"
    directed = [(order.field.field_path, _Direction(order.direction).name) for order in query.order_by]
    ordered = tuple(each for each in directed if each[0] != _NAME)
    if ordered and directed[-1] not in {ordered[-1], (_NAME, ordered[-1][1])}:
        raise ValueError(f"an index has the name last, in the direction of the field before it, not {directed}")
    equal = {filtered.field.field_path for filtered in _filters(query.where) if _is_equality(filtered)}
    ranged = {filtered.field.field_path for filtered in _filters(query.where) if not _is_equality(filtered)}
    if not ordered:
        # All collections have an index of their documents' names.
        ranged -= {_NAME}
    if ranged - {field for field, _ in ordered[:1]}:
        raise ValueError(f"a range of {ranged} needs its field first in the order, which is {ordered}")
    if not equal:
        return frozenset({Index(source.collection_id, scope, ordered)} if ordered else ())
    if (whole := _whole_index(source.collection_id, scope, equal=equal, ordered=ordered)) is not None:
        return frozenset({whole})
    prefixes = {
        ("shard", field) if "shard" in equal and field not in {"shard", "trigger"} else (field,) for field in equal
    }
    if any(prefix[0] == "shard" for prefix in prefixes - {("shard",)}):
        # The others hold the shard too.
        prefixes -= {("shard",)}
    return frozenset(
        Index(source.collection_id, scope, (*((field, "ASCENDING") for field in prefix), *ordered))
        for prefix in prefixes
    )


def _whole_index(collection: str, scope: str, *, equal: set[str], ordered: tuple[tuple[str, str], ...]) -> Index | None:
    """Return a declared index that serves the query alone: all its equalities, then its order."""
    return next(
        (
            index
            for index in declared()
            if (index.collection, index.scope) == (collection, scope)
            and {field for field, _ in index.fields[: len(equal)]} == equal
            and index.fields[len(equal) :] == ordered
        ),
        None,
    )


def _is_equality(filtered: Any) -> bool:
    operator = types.StructuredQuery.FieldFilter.Operator(filtered.op)
    return operator.name in {"EQUAL", "IN"}


def _filters(where: Any) -> Iterator[Any]:
    if where.HasField("composite_filter"):
        for inner in where.composite_filter.filters:
            yield from _filters(inner)
    elif where.HasField("field_filter"):
        yield where.field_filter
    elif where.HasField("unary_filter"):
        raise ValueError(f"no index is known for {where.unary_filter}")


def _local(file: str, name: str) -> Any:
    with (_INFRA / file).open() as text:
        [found] = [block[name] for block in hcl2.load(text)["locals"] if name in block]
    return found


def _text(value: str) -> str:
    return value.strip('"')
