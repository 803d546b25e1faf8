"""The documents of the model store and the indexes that find them, changed together by Commits, all or nothing."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from model import acceptance
from model.commit import Made, made_of
from model.index import Index
from model.places import Name, Stored, places_of
from model.spoiled import Spoiled, spoil
from tock.ports.store import DisableUnreadable, Versioned, Write

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = Index()


class Documents:
    """What is stored, by name, and in order; `now` marks the versions, which grow with every Commit."""

    def __init__(self, now: Callable[[], datetime], *, shards: int) -> None:
        self._now = now
        self._shards = shards
        self._stored: dict[Name, Stored] = {}
        self._indexes: defaultdict[Name, Index] = defaultdict(Index)
        #: Documents so large that they are measured again at each write.
        self._large: set[Name] = set()
        self._last_version = 0

    def find(self, name: Name) -> Stored | None:
        """Return what is stored under this name."""
        return self._stored.get(name)

    def index(self, *name: str) -> Index:
        """Return the index of this name, to be read at once."""
        return self._indexes.get(name, _NOTHING)

    def commit(self, writes: Sequence[Write]) -> int:
        """Apply all writes or none; see the port."""
        weights = [acceptance.weight(write) for write in writes]
        noteworthy = acceptance.noteworthy(weights)
        if noteworthy:
            acceptance.check_commit(writes)
        made = made_of(writes, stored=self._stored)
        if noteworthy or (self._large and not self._large.isdisjoint(made)):
            self._check_sizes(made)
        version = self._next_version()
        return max((self._make(name, one, version=version) for name, one in made.items()), default=0) or version

    def spoil(self, name: Name, *, fields: Mapping[str, Any]) -> None:
        """Overwrite stored fields of a trigger."""
        stored: Any = self._stored[name]
        self._put(name, spoil(stored, fields=fields, version=self._next_version()))

    def _check_sizes(self, made: Mapping[Name, Made]) -> None:
        sizes = {
            name: acceptance.check_document(one.after)
            for name, one in made.items()
            if one.after is not None and not isinstance(one.after, DisableUnreadable)
        }
        self._large -= made.keys()
        self._large |= {name for name, size in sizes.items() if size > acceptance.NOTEWORTHY}

    def _make(self, name: Name, made: Made, *, version: int) -> int:
        """Store what becomes of one document; return its version, or 0 when it is gone."""
        before, after = made.before, made.after
        if after is None:
            self._put(name, None)
            return 0
        if isinstance(after, DisableUnreadable):
            if isinstance(before, Spoiled):
                self._put(name, before.disabled(at=after.at, version=version))
            return version
        if isinstance(before, Versioned) and before.value is after and not made.replaced:
            return int(before.version)
        self._put(name, Versioned(after, version))
        return version

    def _put(self, name: Name, stored: Stored | None) -> None:
        before = self._stored.get(name)
        old = [] if before is None else places_of(before, name=name, shards=self._shards)
        new = [] if stored is None else places_of(stored, name=name, shards=self._shards)
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
        # Firestore's versions are times to the microsecond, in nanoseconds; two Commits never share one.
        self._last_version = max(self._last_version + 1000, (self._now() - _EPOCH) // _MICROSECOND * 1000)
        return self._last_version
