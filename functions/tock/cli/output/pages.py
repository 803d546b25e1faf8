"""Reads the pages of a list, as many as a limit and an order need, and joins them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tock.cli.errors import CommandError
from tock.cli.output.arranging import Arrange
from tock.cli.output.progress import progress

#: The most entries of one page (the API's own limit).
LARGEST_PAGE = 100
#: The most entries that are put in order here.
MOST_ARRANGED = 10_000
#: Returns the page of this size, at this token, as the server's JSON has it.
ReadPage = Callable[[int, str | None], Mapping[str, Any]]
#: Whether to keep an entry.
Keep = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """The entries of a list up to a limit."""

    #: The pages as one, in the form of the server's answer.
    page: Mapping[str, Any]
    #: The member of the page that holds the entries.
    name: str
    #: Whether entries that were read were left out because of the limit.
    is_cut: bool = False

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
        """Whether the list goes on behind the limit; some lists say it in a word instead of a token."""
        return self.is_cut or self.page.get("next_page_token") is not None or self.page.get("more") is True

    @property
    def total(self) -> str | None:
        """How many entries the whole list has, in words; None if the server did not say."""
        total = self.page.get("total")
        if total is None:
            return None
        return f"{total['count']:,}" if total["exact"] else f"more than {total['count']:,}"


def found(read: ReadPage, *, name: str, limit: int, keep: Keep | None = None, arrange: Arrange | None = None) -> Found:
    """Read page after page until there are `limit` entries, those that cannot be read included, or no more.

    With `keep` only entries that it keeps count; with `arrange` all are read before it puts them in order. Raises
    CommandError if these are too many.
    """
    joined: dict[str, Any] = {}
    most = limit if arrange is None else MOST_ARRANGED
    pages = _pages(read, name=name, limit=most, keep=keep)
    if most > LARGEST_PAGE or keep is not None:
        total = limit if arrange is None and keep is None else None
        pages = progress(pages, doing="Reading", total=total, size=lambda page: _count(page, name=name))
    for page in pages:
        if joined:
            joined[name] += page[name]
            joined["unreadable"] += page.get("unreadable", ())
            joined["next_page_token"] = page.get("next_page_token")
        else:
            joined = {**page, name: list(page[name]), "unreadable": list(page.get("unreadable", ()))}
    items = joined[name]
    if arrange is not None:
        if joined.get("next_page_token") is not None:
            raise CommandError(
                f"More than {MOST_ARRANGED:,} are listed, too many to put in order here.",
                details=("List fewer of them, such as those since a time, or leave out --sort and --reverse.",),
            )
        items = arrange(items)
    if len(items) > limit:
        # The next page's token would leave out what was cut off.
        return Found(page=joined | {name: items[:limit], "next_page_token": None}, name=name, is_cut=True)
    return Found(page=joined | {name: items}, name=name)


def _pages(read: ReadPage, *, name: str, limit: int, keep: Keep | None) -> Iterator[Mapping[str, Any]]:
    """Yield page after page until they have `limit` entries that are kept, or no more."""
    left, token = limit, None
    while True:
        # How many of a page are kept is known only when it was read.
        page = read(min(left, LARGEST_PAGE) if keep is None else LARGEST_PAGE, token)
        if keep is not None:
            page = {**page, name: [item for item in page[name] if keep(item)]}
        yield page
        left -= _count(page, name=name)
        token = page.get("next_page_token")
        if token is None or left <= 0:
            return


def _count(page: Mapping[str, Any], *, name: str) -> int:
    return len(page[name]) + len(page.get("unreadable", ()))
