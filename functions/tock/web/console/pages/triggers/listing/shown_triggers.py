"""A page of the triggers that a list's filters keep, with when each ran last."""

import asyncio
from dataclasses import dataclass

from tock.app.manage.overview.last_runs import last_runs
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.ports.store import MOST_COUNTED, Total
from tock.web.console.pages.triggers.listing.filters import Filters
from tock.web.console.totals import whole
from tock.web.console.visit import Visit
from tock.web.resources.page import UnreadableShape
from tock.web.resources.triggers.trigger import TriggerPage, TriggerResource

#: How many triggers the store is asked for at once, and so the most of a page without further filters.
PAGE_SIZE = 50
#: With filters that look at each trigger, a page ends once it holds so many,
_ENOUGH = 25
#: or once so many pages of the store were read. Price: a read for each trigger looked at.
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class ShownTriggers:
    """A page of a list, and its place in it."""

    page: TriggerPage
    #: The number of its first trigger, counted from 1.
    first: int
    #: How many triggers match; None if each would have to be read for that.
    total: Total | None

    @property
    def last(self) -> int:
        """The number of its last trigger."""
        return self.first + len(self.page.triggers) - 1

    @property
    def whole(self) -> str | None:
        """How many triggers match, in words; None if nobody knows."""
        ends = self.page.next_page_token is None
        if self.total is None:
            return str(self.last) if ends else None
        return whole(self.total, last=self.last, ends=ends)


async def shown_triggers(visit: Visit, filters: Filters, *, token: str | None, first: int) -> ShownTriggers:
    """Return the page after this token, newest first. Raises InvalidArgument, StoreUnavailable."""
    (kept, unreadable, following), total = await asyncio.gather(_kept(visit, filters, token), _total(visit, filters))
    last = await last_runs(visit.services, project=visit.project, triggers=[each.id for each in kept])
    listed = TriggerPage(
        triggers=tuple(TriggerResource.of(each, last_run=last.get(each.id), now=visit.now) for each in kept),
        unreadable=UnreadableShape.of_all(unreadable),
        next_page_token=following,
    )
    return ShownTriggers(listed, first=first, total=total)


async def _kept(
    visit: Visit, filters: Filters, token: str | None
) -> tuple[list[Trigger], list[Unreadable], str | None]:
    """Return the triggers of the page, those that cannot be read, and the token of the next page."""
    kept: list[Trigger] = []
    unreadable: list[Unreadable] = []
    for _ in range(_MOST_PAGES):
        page = await visit.services.store.triggers(
            visit.project, limit=PAGE_SIZE, token=token, agent=filters.agent or None
        )
        kept += [each for each in page.items if filters.keeps(each, now=visit.now)]
        unreadable += page.unreadable
        token = page.next_token
        if token is None or not filters.looks_at_each or len(kept) >= _ENOUGH:
            break
    return kept, unreadable, token


async def _total(visit: Visit, filters: Filters) -> Total | None:
    """Return how many triggers match, where an index can tell."""
    if filters.looks_at_each:
        return None
    store = visit.services.store
    count = await store.trigger_count(visit.project, most=MOST_COUNTED + 1, agent=filters.agent or None)
    return Total.counted(count, most=MOST_COUNTED)
