"""The documents of the model store and their indexes, which a Commit changes together or not at all."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from model import size_limits
from model.commit import DocumentChange, changes_of
from model.index import Index
from model.index_entries import Name, Stored, entries_of
from model.unreadable_document import UnreadableDocument, overwrite, stored_as
from tock.ports.store import DisableUnreadable, FailUnreadable, Versioned, Write
from tock.store.documents.commit import disabled_fields, failed_fields

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = Index()


class Documents:
    """The stored documents, by name and in indexes. Versions are times of `now` and grow with every Commit."""

    def __init__(self, now: Callable[[], datetime], *, shards: int) -> None:
        self._now = now
        self._shards = shards
        self._stored: dict[Name, Stored] = {}
        self._indexes: defaultdict[Name, Index] = defaultdict(Index)
        #: Documents so large that their size is measured at each write.
        self._large: set[Name] = set()
        self._last_version = 0

    def find(self, name: Name) -> Stored | None:
        """Return the document of this name as it is stored, or None."""
        return self._stored.get(name)

    def index(self, *name: str) -> Index:
        """Return the index of this name; it must be read before the next Commit."""
        return self._indexes.get(name, _NOTHING)

    def collections(self, project: str) -> set[str]:
        """Return the collections that hold a document of the project."""
        return {name[0] for name in self._stored if name[1] == project and len(name) > 2}

    def commit(self, writes: Sequence[Write]) -> int:
        """Apply all writes or none; see the port."""
        weights = [size_limits.weight(write) for write in writes]
        must_be_measured = size_limits.must_be_measured(weights)
        if must_be_measured:
            size_limits.check_commit(writes)
        made = changes_of(writes, stored=self._stored)
        if must_be_measured or (self._large and not self._large.isdisjoint(made)):
            self._check_sizes(made)
        version = self._next_version()
        return max((self._make(name, one, version=version) for name, one in made.items()), default=0) or version

    def overwrite(self, name: Name, *, fields: Mapping[str, Any]) -> None:
        """Overwrite stored fields of a document."""
        stored: Any = self._stored[name]
        self._put(name, overwrite(stored, fields=fields, version=self._next_version()))

    def _check_sizes(self, made: Mapping[Name, DocumentChange]) -> None:
        sizes = {
            name: size_limits.check_document(one.after)
            for name, one in made.items()
            if one.after is not None and not isinstance(one.after, DisableUnreadable | FailUnreadable)
        }
        self._large -= made.keys()
        self._large |= {name for name, size in sizes.items() if size > size_limits.LARGE}

    def _make(self, name: Name, made: DocumentChange, *, version: int) -> int:
        """Store the change of one document; return its version, or 0 if it is deleted."""
        before, after = made.before, made.after
        if after is None:
            self._put(name, None)
            return 0
        if isinstance(after, DisableUnreadable | FailUnreadable):
            if isinstance(before, UnreadableDocument):
                self._put(name, overwrite(before, fields=_fields(after), version=version))
            return version
        if isinstance(before, Versioned) and before.value is after and not made.replaced:
            return int(before.version)
        self._put(name, stored_as(after, version=version))
        return version

    def _put(self, name: Name, stored: Stored | None) -> None:
        before = self._stored.get(name)
        old = [] if before is None else entries_of(before, name=name, shards=self._shards)
        new = [] if stored is None else entries_of(stored, name=name, shards=self._shards)
        if old != new:
            for index, entry in old:
                self._indexes[index].remove(entry)
            for index, entry in new:
                self._indexes[index].add(entry)
        if stored is None:
            self._stored.pop(name, None)
        else:
            self._stored[name] = stored

    def _next_version(self) -> int:
        # Firestore's versions are times in nanoseconds, of a whole microsecond; two Commits never share one.
        self._last_version = max(self._last_version + 1000, (self._now() - _EPOCH) // _MICROSECOND * 1000)
        return self._last_version


def _fields(write: DisableUnreadable | FailUnreadable) -> dict[str, Any]:
    if isinstance(write, DisableUnreadable):
        return disabled_fields(write.trigger, at=write.at)
    return failed_fields(write.run, at=write.at, expire_at=write.expire_at)
