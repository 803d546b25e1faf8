"""The traceback of a failed attempt, among its events."""

from tock.core.run.events.event import ENDED_FROM, EVENTS_PER_ATTEMPT, Event
from tock.core.run.run import Run
from tock.web.console.visit import Visit

_EVENTS_AT_ONCE = 500
#: How many pages of the attempt's events are looked through; the log shows a traceback behind them.
_MOST_PAGES = 4
_MARK = "Traceback (most recent call last)"


async def traceback_of(visit: Visit, run: Run) -> str | None:
    """Return the traceback that ended the newest attempt, as its agent's output has it; None if none is found."""
    if not run.attempts or run.attempts[-1].error is None:
        return None
    since = run.attempts[-1].number * EVENTS_PER_ATTEMPT
    end = since + ENDED_FROM
    found = None
    for _ in range(_MOST_PAGES):
        page = await visit.services.store.events(visit.project, run.id, since=since, limit=_EVENTS_AT_ONCE)
        for event in page.events:
            if event.seq < end and (text := _traceback(event)) is not None:
                found = text
        if len(page.events) < _EVENTS_AT_ONCE or page.last_seq >= end:
            break
        since = page.last_seq
    return found


def _traceback(event: Event) -> str | None:
    if event.kind != "log" or not isinstance(event.data, dict) or event.data.get("level") != "error":
        return None
    text = str(event.data.get("text", ""))
    return text if _MARK in text else None
