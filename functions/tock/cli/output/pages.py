"""Reads the pages of a list, as many as a limit needs, and joins them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tock.cli.output.progress import progress

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
    pages = _pages(read, name=name, limit=limit)
    if limit > LARGEST_PAGE:
        pages = progress(pages, doing="Reading", total=limit, size=lambda page: _count(page, name=name))
    for page in pages:
        if joined:
            joined[name] += page[name]
            joined["unreadable"] += page.get("unreadable", ())
            joined["next_page_token"] = page.get("next_page_token")
        else:
            joined = {**page, name: list(page[name]), "unreadable": list(page.get("unreadable", ()))}
    return Found(page=joined, name=name)


def _pages(read: ReadPage, *, name: str, limit: int) -> Iterator[Mapping[str, Any]]:
    """Yield page after page until they have `limit` entries, or no more."""
    left, token = limit, None
    while True:
        page = read(min(left, LARGEST_PAGE), token)
        yield page
        left -= _count(page, name=name)
        token = page.get("next_page_token")
        if token is None or left <= 0:
            return


def _count(page: Mapping[str, Any], *, name: str) -> int:
    return len(page[name]) + len(page.get("unreadable", ()))
