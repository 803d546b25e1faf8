"""Listings of one collection, page by page: by id, or newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from tock.core.unreadable import Unreadable
from tock.ports.store import Document, Page, Versioned
from tock.store.documents.codec import AGENT, API_KEY, PROJECT, TRIGGER, DocumentCodec
from tock.store.documents.paths import AGENTS, API_KEYS, PROJECTS, TRIGGERS, is_id
from tock.store.documents.reading import path_of_message, read_documents
from tock.store.documents.values import read_value
from tock.store.queries.page_token import page_token, read_token
from tock.store.queries.query import Condition, Position, Query
from tock.store.queries.shards import count_shards, query_shards
from tock.store.rpc import FirestoreRpc

_Document = TypeVar("_Document", bound=Document)
#: The first time that Firestore stores. A range finds values of one type only, so this one finds all times.
_FIRST_TIME = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listing(Generic[_Document]):
    """How one collection is listed; documents of the same time are ordered by id."""

    codec: DocumentCodec[_Document]
    collection: str
    #: The path of the time field that orders the listing, newest first; None orders by id.
    newest: str | None = None

    async def page(
        self,
        rpc: FirestoreRpc,
        *,
        project: str | None,
        limit: int,
        token: str | None,
        where: Sequence[Condition] = (),
        shards: Sequence[int] | None = None,
    ) -> Page[_Document]:
        """Return at most `limit` documents after the page token, and the token of the next page.

        With `shards`, which takes a listing by time, its indexes begin with the shard, so that a project can create
        more than 500 documents a second.

        A listing by time finds no document whose time is absent or no time: a token could not name its place. Raises
        InvalidArgument when the token belongs to another listing or to other filters.
        """
        query = self._query(where)
        listing = f"{project} {query}"
        position = None if token is None else read_token(token, listing=listing, timed=self.newest is not None)
        if project is not None and not is_id(project):
            return Page(items=(), next_token=None)
        parent = _parent(rpc, project)
        after = None if position is None else Position(position[0], f"{parent}/{self.collection}/{position[1]}")
        # One document more than the limit tells whether there is a next page.
        if shards is None:
            messages: Sequence[Any] = await rpc.query(parent, query.message(limit=limit + 1, after=after))
        else:
            messages = await query_shards(rpc, parent, query, shards=shards, limit=limit + 1, after=after)
        shown = messages[:limit]
        read = read_documents(shown, codec=self.codec, documents=rpc.documents)
        return Page(
            items=tuple(found.value for found in read if isinstance(found, Versioned)),
            unreadable=tuple(found for found in read if isinstance(found, Unreadable)),
            next_token=self._token(shown[-1], rpc=rpc, listing=listing) if len(messages) > limit else None,
        )

    async def count(
        self,
        rpc: FirestoreRpc,
        *,
        project: str | None,
        most: int,
        where: Sequence[Condition] = (),
        shards: Sequence[int] | None = None,
    ) -> int:
        """Return how many documents the pages hold together, counting to `most`."""
        if project is not None and not is_id(project):
            return 0
        query, parent = self._query(where), _parent(rpc, project)
        if shards is None:
            return await rpc.count(parent, query.message(), most=most)
        return await count_shards(rpc, parent, query, shards=shards, most=most)

    def _query(self, where: Sequence[Condition]) -> Query:
        if self.newest is None:
            return Query(self.collection, where=where)
        timed = (*where, Condition(self.newest, ">=", _FIRST_TIME))
        return Query(self.collection, where=timed, order=self.newest, descending=True)

    def _token(self, message: Any, *, rpc: FirestoreRpc, listing: str) -> str:
        identifier = path_of_message(message, documents=rpc.documents).rsplit("/", 1)[-1]
        if self.newest is None:
            return page_token(None, identifier, listing=listing)
        outer, *inner = self.newest.split(".")
        value = message.fields[outer]
        for name in inner:
            value = value.map_value.fields[name]
        return page_token(read_value(value), identifier, listing=listing)


def _parent(rpc: FirestoreRpc, project: str | None) -> str:
    return rpc.documents if project is None else f"{rpc.documents}/{PROJECTS}/{project}"


PROJECT_LISTING = Listing(PROJECT, PROJECTS)
API_KEY_LISTING = Listing(API_KEY, API_KEYS)
AGENT_LISTING = Listing(AGENT, AGENTS, newest="created.at")
TRIGGER_LISTING = Listing(TRIGGER, TRIGGERS, newest="created.at")
