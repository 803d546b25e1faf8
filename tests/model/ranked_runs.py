"""Listings of the model store's runs that no index orders: each run that matches is looked at."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from model.documents import Documents
from model.unreadable_document import UnreadableDocument
from tock.core.errors import InvalidArgument
from tock.core.run.order import RunOrder
from tock.ports.store import Page

#: What orders a run, with its id; None leaves it out.
Rank = Callable[[Any, str], Any]


class RankedRuns:
    """The runs of a project that match, by what `rank` says and then by id. `mark` tells a listing from others."""

    def __init__(
        self,
        project: str,
        mark: str,
        *,
        rank: Rank,
        descending: bool = True,
        matches: Callable[[Any], bool] = lambda _: True,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self._project = project
        self._mark = f"{project} {mark}"
        self._rank = rank
        self._descending = descending
        self._matches = matches
        self._since = since
        self._until = until

    def page(self, documents: Documents, *, limit: int, token: str | None) -> Page[Any]:
        """Return at most `limit` runs after the token. Raises InvalidArgument if it is another listing's."""
        found = sorted(self._found(documents), key=lambda each: each[0], reverse=self._descending)
        after = self._position(token)
        following = [each for each in found if after is None or self._is_behind(each[0], after)]
        shown = [stored for _, stored in following[:limit]]
        return Page(
            items=tuple(stored.value for stored in shown if not isinstance(stored, UnreadableDocument)),
            unreadable=tuple(stored.unreadable for stored in shown if isinstance(stored, UnreadableDocument)),
            next_token=self._token(following[limit - 1][0]) if len(following) > limit else None,
        )

    def count(self, documents: Documents) -> int:
        """Return how many runs the pages hold together."""
        return sum(1 for _ in self._found(documents))

    def _found(self, documents: Documents) -> Iterator[Any]:
        """Yield the place of each run in the order, and what is stored."""
        for _, ids in documents.index("runs", self._project).descending(since=self._since, until=self._until):
            stored = documents.find(("runs", *ids))
            rank = self._rank(stored, ids[-1]) if self._matches(stored) else None
            if rank is not None:
                yield (rank, ids[-1]), stored

    def _is_behind(self, place: Any, after: Any) -> bool:
        return bool(place < after if self._descending else place > after)

    def _token(self, place: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps([self._mark, *place]).encode()).decode()

    def _position(self, token: str | None) -> Any:
        if token is None:
            return None
        try:
            match json.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)):
                case [str(mark), rank, str(identifier)] if mark == self._mark:
                    return rank, identifier
        except (ValueError, RecursionError):
            pass
        raise InvalidArgument(field="page_token", value=token, remedy="pass the next_page_token of this listing")


def by_prefix(prefix: str) -> Rank:
    """Return what leaves out the runs whose id does not begin with the prefix."""
    return lambda _, identifier: "" if identifier.startswith(prefix) else None


def _started(stored: Any, _: str) -> float | None:
    started = _instant(stored, "started")
    return None if started is None else started.timestamp()


def _duration(stored: Any, _: str) -> float | None:
    started, finished = _instant(stored, "started"), _instant(stored, "finished")
    return None if started is None or finished is None else (finished - started) / timedelta(seconds=1)


def _cost(stored: Any, _: str) -> float | None:
    if not isinstance(stored, UnreadableDocument):
        return float(stored.value.usage.cost)
    found = stored.field("usage", "cost")
    return found if isinstance(found, float) else None


def _instant(stored: Any, name: str) -> datetime | None:
    return stored.instant(name) if isinstance(stored, UnreadableDocument) else getattr(stored.value, name)


RANKS: Mapping[RunOrder, Rank] = {RunOrder.STARTED: _started, RunOrder.DURATION: _duration, RunOrder.COST: _cost}
