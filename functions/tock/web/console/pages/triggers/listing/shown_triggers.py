"""A page of the triggers that a list's filters keep, with when each ran last."""

from dataclasses import dataclass

from tock.app.manage.overview.last_runs import last_runs
from tock.core.trigger.trigger import Trigger
from tock.core.unreadable import Unreadable
from tock.web.console.pages.triggers.listing.filters import Filters
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

    @property
    def last(self) -> int:
        """The number of its last trigger."""
        return self.first + len(self.page.triggers) - 1


async def shown_triggers(visit: Visit, filters: Filters, *, token: str | None, first: int) -> ShownTriggers:
    """Return the page after this token, newest first. Raises InvalidArgument, StoreUnavailable."""
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
    last = await last_runs(visit.services, project=visit.project, triggers=[each.id for each in kept])
    listed = TriggerPage(
        triggers=tuple(TriggerResource.of(each, last_run=last.get(each.id), now=visit.now) for each in kept),
        unreadable=UnreadableShape.of_all(unreadable),
        next_page_token=token,
    )
    return ShownTriggers(listed, first=first)
