"""The billed size of a document's index entries (Firestore, "Storage size calculations").

The entries are those of the indexes that `infra/` declares, and of the automatic ones where it exempts no fields.
"""

from collections.abc import Collection, Iterator
from typing import Any

from benchmarks.instruments.record_size import name_bytes, text_bytes, value_bytes
from queries.indexes import Index

_OVERHEAD = 32
#: Of an index of one field with collection group scope.
_GROUP_OVERHEAD = 48
#: The most bytes of a value that an index keeps.
_LONGEST_INDEXED = 1500


def index_entries(document: Any, *, indexes: Collection[Index], exempt: Collection[str]) -> list[int]:
    """Return the size of each index entry of a `Document` message.

    A document has an entry in an index of its collection if it has all fields of the index. A collection that is not
    `exempt` has automatic indexes besides: of each field in both directions, or one entry for each value of an array.
    """
    collection = document.name.split("/")[-2]
    own = [index for index in indexes if index.collection == collection]
    entries = [size for index in own if (size := _entry(document, index)) is not None]
    return entries if collection in exempt else [*entries, *_automatic(document)]


def _entry(document: Any, index: Index) -> int | None:
    """Return the size of the entry in this index, or None if a field is absent."""
    paths = [path for path, _ in index.fields]
    values = [_value(document.fields, path) for path in paths]
    if None in values:
        return None
    size = name_bytes(document.name) + sum(map(_indexed, values))
    if index.scope == "COLLECTION":
        size += _parent_bytes(document)
    if len(paths) > 1:
        return size + _OVERHEAD
    return size + text_bytes(paths[0]) + (_OVERHEAD if index.scope == "COLLECTION" else _GROUP_OVERHEAD)


def _value(fields: Any, path: str) -> Any | None:
    """Return the value at a path such as `created.at`, or None."""
    name, _, inner = path.partition(".")
    if name not in fields:
        return None
    return _value(fields[name].map_value.fields, inner) if inner else fields[name]


def _automatic(document: Any) -> Iterator[int]:
    fixed = name_bytes(document.name) + _parent_bytes(document) + _OVERHEAD
    yield from (fixed + field for field in _fields(document.fields))


def _fields(fields: Any, prefix: str = "") -> Iterator[int]:
    """Yield name and value of each automatic entry."""
    for name, value in fields.items():
        path = f"{prefix}{name}"
        kind = value.WhichOneof("value_type")
        if kind == "map_value":
            yield from _fields(value.map_value.fields, f"{path}.")
        if kind == "array_value":
            yield from (text_bytes(path) + _indexed(item) for item in value.array_value.values)
        else:
            yield from [text_bytes(path) + _indexed(value)] * 2


def _parent_bytes(document: Any) -> int:
    return name_bytes(document.name.rpartition("/")[0].rpartition("/")[0])


def _indexed(value: Any) -> int:
    return min(value_bytes(value), _LONGEST_INDEXED)
