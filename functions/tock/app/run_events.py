"""The events of a run: those that its document tells, and those that are stored."""

from tock.app.services import Services
from tock.core.run.events.event import Event
from tock.core.run.events.history import history, next_number
from tock.core.run.run import Run
from tock.core.unreadable import Unreadable
from tock.ports.store import EventPage


async def run_events(services: Services, run: Run, *, since: int, limit: int) -> EventPage:
    """Return the run's events with a number above `since`, ascending, at most `limit`.

    `run` was read before this call. So all events of the attempts that it knows to have ended are stored, unless their
    runner had lost its lease; and events of an attempt that it does not know yet are left to a later call, since the
    event of its start comes first. So no event appears later below a number that was returned.
    """
    page = await services.store.events(run.project, run.id, since=since, limit=limit)
    bound = next_number(run)
    found: list[Event | Unreadable] = [
        *(event for event in history(run) if event.seq > since),
        *(event for event in page.events if event.seq < bound),
        *(event for event in page.unreadable if last_number(event) < bound),
    ]
    found = sorted(found, key=last_number)[:limit]
    return EventPage(
        events=tuple(event for event in found if isinstance(event, Event)),
        unreadable=tuple(event for event in found if isinstance(event, Unreadable)),
        last_seq=last_number(found[-1]) if found else since,
    )


def last_number(event: Event | Unreadable) -> int:
    """Return the number of an event, or the last one of several that are unreadable together."""
    return event.seq if isinstance(event, Event) else int(event.id.rpartition("-")[2])
