"""Follow a run: its events as they come, until it is settled."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from tock.app.find_run import find_run
from tock.app.run_events import last_number, run_events
from tock.app.services import Services
from tock.core.errors import StoreUnavailable
from tock.core.run.events.event import Event
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.unreadable import Unreadable
from tock.ports.changes import EventChanges, News, RunChanges

#: How long nothing may happen before whoever follows hears that nothing did, and the run is read again.
QUIET = timedelta(seconds=10)
#: How many events are read at once.
EVENTS_AT_ONCE = 200


class EndReason(StrEnum):
    """Why there are no more events."""

    #: The run is settled, and all its events were sent.
    SETTLED = "settled"
    #: The stream has lasted as long as one may; whoever wants more opens another one.
    TOO_LONG = "too_long"
    #: This process is told to end; whoever wants more opens another one.
    SHUTDOWN = "shutdown"
    #: The run was deleted, or it can no longer be read.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing happened for a while."""


@dataclass(frozen=True, slots=True)
class End:
    """There are no more events, and why."""

    reason: EndReason
    #: The run's status as it was read last.
    status: RunStatus


async def follow_run(services: Services, run: Run, *, since: int) -> AsyncIterator[Event | Unreadable | Quiet | End]:
    """Yield the run's events with a number above `since` as they come, in ascending order, and at last an End.

    1. Listen to the run and to its stored events, unless it is settled, so that no change after this is missed.
    2. Read the run, and then its events; yield them.
    3. If it is settled and no event is left, or this has lasted too long, end.
    4. Wait for news, but not longer than QUIET; go on with 2.

    While the store does not answer, it is asked again after every QUIET.
    """
    clock = services.clock
    deadline = clock.now() + services.timing.longest_stream
    live = (RunChanges(run.project, run.id), EventChanges(run.project, run.id, since=since))
    subjects = () if run.status.terminal else live
    async with services.changes.listen(*subjects) as news:
        while True:
            with suppress(StoreUnavailable):
                found = await find_run(services, project=run.project, run=run.id)
                if found is None:
                    yield End(EndReason.GONE, run.status)
                    return
                run = found.value
                while True:
                    page = await run_events(services, run, since=since, limit=EVENTS_AT_ONCE)
                    found_events: tuple[Event | Unreadable, ...] = (*page.events, *page.unreadable)
                    for event in sorted(found_events, key=last_number):
                        yield event
                    if page.last_seq == since:
                        break
                    since = page.last_seq
                if run.status.terminal:
                    yield End(EndReason.SETTLED, run.status)
                    return
            if services.shutdown.is_set():
                yield End(EndReason.SHUTDOWN, run.status)
                return
            if (left := deadline - clock.now()) <= timedelta():
                yield End(EndReason.TOO_LONG, run.status)
                return
            if not await _is_told(services, news, within=min(QUIET, left)):
                yield Quiet()


async def _is_told(services: Services, news: News, *, within: timedelta) -> bool:
    """Wait for news, but not longer than `within` and not beyond the end of this process; return whether it came."""
    told, others = news.wait(), (services.clock.sleep(within), services.shutdown.wait())
    return await _first(told, *others) == 0


async def _first(*waited: Coroutine[Any, Any, Any]) -> int:
    """Return the place of the first of these to end, and cancel the others."""
    tasks = [asyncio.ensure_future(each) for each in waited]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(place for place, task in enumerate(tasks) if task.done())
    finally:
        for task in tasks:
            task.cancel()
