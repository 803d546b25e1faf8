# Made from the file of this name in `_async` by `make client`: change that one.
"""A listing of resources, read page by page as it is iterated over."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from tock.client._sync.sender import Sender
from tock.client.request import request
from tock.web.resources.page import Listed, UnreadableShape

Item = TypeVar("Item")
Page = TypeVar("Page", bound=Listed)


class Listing(Generic[Item, Page]):
    """The resources that match a query. Iterating over it reads one page after the other.

    What is stored but cannot be read is no item; `unreadable` has what the pages that were read say of it, of those
    of the last iteration if there were several.
    """

    def __init__(
        self,
        sender: Sender,
        path: str,
        *,
        page: type[Page],
        items: Callable[[Page], tuple[Item, ...]],
        query: Mapping[str, Any],
    ) -> None:
        self._sender = sender
        self._path = path
        self._model = page
        self._items = items
        self._query = dict(query)
        #: What belongs to the pages that were read, but cannot be read itself.
        self.unreadable: list[UnreadableShape] = []

    def page(self) -> Page:
        """Return one page: the first or, if a page token was given, the one of that token."""
        return self._read(self._query)

    def pages(self) -> Iterator[Page]:
        """Yield page after page."""
        query = self._query
        self.unreadable = []
        while True:
            page = self._read(query)
            self.unreadable += page.unreadable
            yield page
            if page.next_page_token is None:
                return
            # Price: whoever asked for the total pays for it once.
            query = query | {"page_token": page.next_page_token, "total": None}

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            for item in self._items(page):
                yield item

    def _read(self, query: Mapping[str, Any]) -> Page:
        return self._sender.fetch(request("GET", self._path, query=query), self._model)
