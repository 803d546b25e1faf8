"""Reads the pages of a list, as many as a limit needs, and joins them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

#: The most entries of one page (the API's own limit).
LARGEST_PAGE = 100
#: Returns the page of this size, at this token, as the server's JSON has it.
ReadPage = Callable[[int, str | None], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """The entries of a list up to a limit."""

    #: The pages as one, in the form of the server's answer.
    page: Mapping[str, Any]
    #: The member of the page that holds the entries.
    name: str

    @property
    def items(self) -> list[Mapping[str, Any]]:
        """The resources."""
        return list(self.page[self.name])

    @property
    def unreadable(self) -> list[Mapping[str, Any]]:
        """What is stored but cannot be read."""
        return list(self.page.get("unreadable", ()))

    @property
    def has_more(self) -> bool:
        """Whether the list goes on behind the limit."""
        return self.page.get("next_page_token") is not None


def found(read: ReadPage, *, name: str, limit: int) -> Found:
    """Read page after page until there are `limit` entries, those that cannot be read included, or no more."""
    joined: dict[str, Any] = {}
    token: str | None = None
    while True:
        count = len(joined[name]) + len(joined["unreadable"]) if joined else 0
        page = read(min(limit - count, LARGEST_PAGE), token)
        if joined:
            joined[name] = [*joined[name], *page[name]]
            joined["unreadable"] = [*joined["unreadable"], *page.get("unreadable", ())]
            joined["next_page_token"] = page.get("next_page_token")
        else:
            joined = {"unreadable": [], **page, name: list(page[name])}
        token = joined.get("next_page_token")
        if token is None or len(joined[name]) + len(joined["unreadable"]) >= limit:
            return Found(page=joined, name=name)
