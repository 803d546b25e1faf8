"""The log of a run: as it comes, for the page that shows it, and as a whole, as a text."""

from collections.abc import AsyncIterator
from datetime import datetime

from starlette.responses import Response, StreamingResponse

from tock.app.follow_run import End, Quiet, follow_run
from tock.app.run_events import last_number, run_events
from tock.core.run.events.event import Event
from tock.core.run.run import Run
from tock.core.time.instant import instant_text
from tock.core.unreadable import Unreadable
from tock.web.console.pages.runs.found_run import found_run
from tock.web.console.pages.runs.log_line import LogLine, LogTimes, log_line
from tock.web.console.routing import get
from tock.web.console.visit import Visit
from tock.web.resources.runs.event_stream import (
    MEDIA_TYPE,
    OPENING,
    QUIET,
    UNBUFFERED,
    event_number,
    message,
    server_sent,
)

_EVENTS_AT_ONCE = 500


async def lines_after(visit: Visit, run: Run, *, since: int, limit: int) -> tuple[tuple[LogLine, ...], int]:
    """Return the run's lines after an event, at most `limit`, and the number of the last event."""
    page = await run_events(visit.services, run, since=since, limit=limit)
    found: list[Event | Unreadable] = [*page.events, *page.unreadable]
    times = log_times(visit)
    return tuple(log_line(event, times=times) for event in sorted(found, key=last_number)), page.last_seq


async def stream_lines(visit: Visit) -> Response:
    """Stream the run's lines as server-sent events without a name, each with its number as its id, until its end.

    A browser that lost the stream goes on by its `Last-Event-ID`, a page that opens another one by `since`.
    """
    given = visit.request.headers.get("last-event-id") or visit.request.query_params.get("since", "0")
    since = event_number(given)
    run = await found_run(visit)

    async def stream() -> AsyncIterator[bytes]:
        yield OPENING
        async for item in follow_run(visit.services, run, since=since):
            match item:
                case End():
                    yield server_sent(item)
                case Quiet():
                    yield QUIET
                case _:
                    line = log_line(item, times=log_times(visit))
                    yield message(None, line.sent, number=line.seq)

    return StreamingResponse(stream(), media_type=MEDIA_TYPE, headers=UNBUFFERED)


def log_times(visit: Visit) -> LogTimes:
    """Return how times within lines are read by whoever visits."""
    return LogTimes(zone=visit.reader.zone, now=visit.now)


async def show_whole_log(visit: Visit) -> Response:
    """Return all lines that there are now, as a text with times in UTC."""
    run = await found_run(visit)

    async def texts() -> AsyncIterator[str]:
        since = 0
        while True:
            lines, last = await lines_after(visit, run, since=since, limit=_EVENTS_AT_ONCE)
            if last == since:
                return
            since = last
            yield "".join(_as_text(line) for line in lines)

    return StreamingResponse(texts(), media_type="text/plain; charset=utf-8")


def _as_text(line: LogLine) -> str:
    return f"{_time(line.at)}  {line.attempt:>2}  {line.kind:<20}  {line.text}\n"


def _time(at: datetime | None) -> str:
    return " " * len("2027-01-01T09:00:00Z") if at is None else instant_text(at)


ROUTES = (
    get("/projects/{project}/runs/{run}/events", stream_lines),
    get("/projects/{project}/runs/{run}/log", show_whole_log),
)
