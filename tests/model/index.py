"""An index: the entries that a query finds, kept in order while documents are created, changed and deleted."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any

#: The value of the ordered field, and the ids of the document's path, which break ties as names do in Firestore.
Entry = tuple[Any, tuple[str, ...]]


class Index:
    """Entries in ascending order. Adding one at the end, as growing times do, is cheap."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        if self._entries and entry > self._entries[-1]:
            self._entries.append(entry)
        else:
            insort(self._entries, entry)

    def remove(self, entry: Entry) -> None:
        place = bisect_left(self._entries, entry)
        if self._entries[place] != entry:
            raise LookupError(f"{entry} is not in the index")
        del self._entries[place]

    def count(self, *, until: Any) -> int:
        """Return how many values are at or before this one."""
        return bisect_right(self._entries, until, key=_value)

    def ascending(self, *, until: Any = None, after: Entry | None = None) -> Iterator[Entry]:
        """Yield the entries after a position, up to and including a value. The index must not change meanwhile."""
        start = 0 if after is None else bisect_right(self._entries, after)
        end = len(self._entries) if until is None else self.count(until=until)
        for place in range(start, end):
            yield self._entries[place]

    def descending(self, *, since: Any = None, until: Any = None, after: Entry | None = None) -> Iterator[Entry]:
        """Yield the entries after a position, from below `until` down to and including `since`."""
        end = len(self._entries) if until is None else bisect_left(self._entries, until, key=_value)
        if after is not None:
            end = min(end, bisect_left(self._entries, after))
        start = 0 if since is None else bisect_left(self._entries, since, key=_value)
        for place in range(end - 1, start - 1, -1):
            yield self._entries[place]


def _value(entry: Entry) -> Any:
    return entry[0]
