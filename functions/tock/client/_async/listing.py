"""A listing of resources, read page by page as it is iterated over."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Generic, TypeVar

from tock.client._async.sender import AsyncSender
from tock.client.request import request
from tock.web.resources.page import Listed, UnreadableShape

Item = TypeVar("Item")
Page = TypeVar("Page", bound=Listed)


class AsyncListing(Generic[Item, Page]):
    """The resources that match a query. Iterating over it reads one page after the other.

    What is stored but cannot be read is no item; `unreadable` has what the pages that were read say of it, of those
    of the last iteration if there were several.
    """

    def __init__(
        self,
        sender: AsyncSender,
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

    async def page(self) -> Page:
        """Return one page: the first or, if a page token was given, the one of that token."""
        return await self._read(self._query)

    async def pages(self) -> AsyncIterator[Page]:
        """Yield page after page."""
        query = self._query
        self.unreadable = []
        while True:
            page = await self._read(query)
            self.unreadable += page.unreadable
            yield page
            if page.next_page_token is None:
                return
            # Price: whoever asked for the total pays for it once.
            query = query | {"page_token": page.next_page_token, "total": None}

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for page in self.pages():
            for item in self._items(page):
                yield item

    async def _read(self, query: Mapping[str, Any]) -> Page:
        return await self._sender.fetch(request("GET", self._path, query=query), self._model)
