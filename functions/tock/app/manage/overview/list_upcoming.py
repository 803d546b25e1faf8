"""List what comes next in a project: its runs that are not over, and the fire times that no tick has claimed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tock.app.pending_runs import pending_runs
from tock.app.services import Services
from tock.core.trigger.trigger import Trigger
from tock.core.trigger.upcoming import STATUSES, Upcoming, upcoming
from tock.core.unreadable import Unreadable
from tock.ports.store import Versioned

_NO_END = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UpcomingList:
    """What comes next, the earliest first, and where the list ends."""

    items: tuple[Upcoming, ...]
    #: Everything that is due before it is listed, but for the fire times of a trigger beyond `per_trigger`; None if
    #: nothing else comes after the list.
    until: datetime | None
    #: Whether the list ends because of its limit, so that more is due before the end that was asked for.
    more: bool
    #: Whether more runs are pending than one request looks at; those with the earliest fire times are left out.
    runs_left_out: bool
    unreadable: tuple[Unreadable, ...]


async def list_upcoming(
    services: Services, *, project: str, until: datetime | None, limit: int, per_trigger: int | None
) -> UpcomingList:
    """Return what is due before `until`, at most `limit`, and of one trigger at most `per_trigger` unclaimed times.

    It reads one trigger more than `limit`, those whose fire time comes first, and as many again while some of them
    cannot be read; and the runs that are held, queued or running. Raises StoreUnavailable.
    """
    triggers = await _next_triggers(services, project=project, until=until or _NO_END, count=limit + 1)
    # Later than the triggers: a tick that claims in between only turns fire times into runs.
    pending = await pending_runs(services, project=project, statuses=frozenset(STATUSES))
    found = upcoming(
        [each.value for each in triggers if isinstance(each, Versioned)],
        pending.runs,
        now=services.clock.now(),
        until=until,
        limit=limit + 1,
        per_trigger=per_trigger,
    )
    more = len(found) > limit
    return UpcomingList(
        items=found[:limit],
        until=found[limit].due_at if more else until,
        more=more,
        runs_left_out=pending.more,
        unreadable=(*(each for each in triggers if isinstance(each, Unreadable)), *pending.unreadable),
    )


async def _next_triggers(
    services: Services, *, project: str, until: datetime, count: int
) -> list[Versioned[Trigger] | Unreadable]:
    """Return the triggers whose fire time comes first, at least `count` that can be read if there are so many."""
    found: list[Versioned[Trigger] | Unreadable] = []
    cursor: Any = None
    while True:
        page = await services.store.due_triggers(until=until, limit=count, cursor=cursor, project=project)
        found += page.triggers
        cursor = page.cursor
        if cursor is None or sum(isinstance(each, Versioned) for each in found) >= count:
            return found
