"""Listings of the model store, in pages, by id or newest first. A page token is valid for its own listing only.

With `shards`, a listing finds only documents whose shard is below it.
"""

import base64
import json
from datetime import datetime
from typing import Any

from model.documents import Documents
from model.index import Entry
from model.unreadable_document import UnreadableDocument
from tock.core.errors import InvalidArgument
from tock.ports.store import Page


class Listing:
    """The documents of a collection, of one project if it has projects, with these values; None matches any value."""

    def __init__(
        self,
        *name: str,
        since: datetime | None = None,
        until: datetime | None = None,
        statuses: frozenset[str] = frozenset(),
        shards: int | None = None,
        **equal: str | None,
    ) -> None:
        self._name = name
        self._since = since
        self._until = until
        self._equal = {field: str(value) for field, value in equal.items() if value is not None}
        self._statuses = statuses
        self._shards = shards
        self._mark = repr((name, since, until, sorted(statuses), self._equal))

    def page(self, documents: Documents, *, limit: int, token: str | None) -> Page[Any]:
        """Return at most `limit` documents after the token. Raises InvalidArgument if it is another listing's."""
        shown: list[tuple[Entry, Any]] = []
        for entry in self._entries(documents, after=self._position(token)):
            stored = documents.find((self._name[0], *entry[1]))
            if not self.matches(stored):
                continue
            if len(shown) == limit:
                return _page(shown, next_token=self._token(shown[-1][0]))
            shown.append((entry, stored))
        return _page(shown, next_token=None)

    def count(self, documents: Documents) -> int:
        """Return how many documents the pages hold together."""
        entries = self._entries(documents, after=None)
        return sum(self.matches(documents.find((self._name[0], *ids))) for _, ids in entries)

    def _entries(self, documents: Documents, *, after: Entry | None) -> Any:
        index = documents.index(*self._name)
        if self._name[0] in {"projects", "api_keys"}:
            return index.ascending(after=after)
        return index.descending(since=self._since, until=self._until, after=after)

    def matches(self, stored: Any) -> bool:
        if self._shards is not None and _shard(stored) not in range(self._shards):
            return False
        if self._statuses and _field(stored, "status") not in self._statuses:
            return False
        return all(_field(stored, field) == value for field, value in self._equal.items())

    def _token(self, entry: Entry) -> str:
        value, ids = entry
        text = json.dumps([self._mark, value.isoformat() if value else "", ids])
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _position(self, token: str | None) -> Entry | None:
        if token is None:
            return None
        try:
            match json.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)):
                case [str(mark), str(value), list(ids)] if mark == self._mark:
                    return datetime.fromisoformat(value) if value else "", tuple(ids)
        except (ValueError, RecursionError):
            pass
        raise InvalidArgument(field="page_token", value=token, remedy="pass the next_page_token of this listing")


def _page(shown: list[tuple[Entry, Any]], *, next_token: str | None) -> Page[Any]:
    return Page(
        items=tuple(stored.value for _, stored in shown if not isinstance(stored, UnreadableDocument)),
        unreadable=tuple(stored.unreadable for _, stored in shown if isinstance(stored, UnreadableDocument)),
        next_token=next_token,
    )


def _field(stored: Any, name: str) -> Any:
    return stored.field(name) if isinstance(stored, UnreadableDocument) else getattr(stored.value, name)


def _shard(stored: Any) -> Any:
    return stored.number("shard") if isinstance(stored, UnreadableDocument) else stored.value.shard
