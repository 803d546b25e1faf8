"""Firestore's limits: how long a write waits for the indexes and the collection that it goes to."""

from collections.abc import Iterable, Mapping
from typing import Any

from crowd.quotas import SEQUENTIAL_WRITES, Rate
from queries.indexes import declared

#: How many seconds a Commit or a query takes that need not wait.
LATENCY = 0.03
#: How many seconds a client waits for an answer before it gives up.
TIMEOUT = 10.0
#: The fields that hold growing times: an index that ends in one of them is sequential within what precedes it.
_TIMES = {"next_run_at", "check_at", "scheduled_for", "started"}
Key = tuple[Any, ...]


class Firestore:
    """Rates of every index range and every collection, for the indexes that `infra/` declares.

    A range is what entries share before their time: the shard, the status, the project if the index belongs to one
    collection. Indexes by `trigger` are left out: each of a million triggers has a range of its own. `warm` says that
    the collections' ramps have been climbed before, as by the same crowd the day before.
    """

    def __init__(self, *, warm: bool) -> None:
        self._warm = warm
        self._rates: dict[Key, Rate] = {}
        self._indexes: dict[str, list[tuple[str, tuple[str, ...], str, bool]]] = {"triggers": [], "runs": []}
        for number, index in enumerate(sorted(declared(), key=str)):
            *prefix, last = (name for name, _ in index.fields)
            if last in _TIMES and "trigger" not in prefix:
                everywhere = index.scope == "COLLECTION_GROUP"
                self._indexes[index.collection].append((str(number), tuple(prefix), last, everywhere))

    def ranges(self, collection: str, project: str, fields: Mapping[str, Any], *, changed: Iterable[str]) -> list[Key]:
        """Return the rates that a write counts towards: of its collection, and of each index that it changes.

        An index has no entry of a document that lacks one of its fields.
        """
        touched = set(changed)
        keys: list[Key] = [] if self._warm else [(collection, project)]
        keys += [
            (number, None if everywhere else project, *(fields[name] for name in prefix))
            for number, prefix, last, everywhere in self._indexes[collection]
            if (touched & {*prefix, last}) and fields.get(last) is not None and fields.keys() >= {*prefix}
        ]
        return keys

    def wait(self, keys: Iterable[Key], *, now: float) -> float:
        """Return how many seconds a Commit of these writes waits."""
        return max((self._rate(key).wait(now) for key in keys), default=0.0)

    def take(self, counts: Mapping[Key, int], *, now: float) -> None:
        """Use up the time that these writes take."""
        for key, count in counts.items():
            self._rate(key).take(count, now=now)

    def _rate(self, key: Key) -> Rate:
        if key not in self._rates:
            is_collection = key[0] in self._indexes
            self._rates[key] = Rate(float("inf") if is_collection else SEQUENTIAL_WRITES, ramp=is_collection)
        return self._rates[key]


def run_fields(shard: int, *, status: str) -> dict[str, Any]:
    """Return the fields of a run that indexes hold; of the times, only whether they are there."""
    return {
        "shard": shard,
        "status": status,
        "agent": "worker",
        "source": "schedule",
        "scheduled_for": True,
        "check_at": True,
    }
