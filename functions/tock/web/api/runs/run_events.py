"""Routes of a run's events: a page of them, or all of them as they come."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Header, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from tock.app.follow_run import follow_run
from tock.app.run_events import run_events
from tock.core.errors import NotFound
from tock.core.run.run import Run
from tock.web.api.routing import RUN, UseServices, api_router
from tock.web.resources.page import UnreadableShape
from tock.web.resources.runs.event_page import EventPage
from tock.web.resources.runs.event_stream import EVENT_ID, MEDIA_TYPE, OPENING, UNBUFFERED, event_number, server_sent

router = api_router(tag="runs")
_LARGEST = 2**53
#: What the OpenAPI document says of each server-sent event.
_SENT = {
    "type": "object",
    "description": "One of the server-sent events.",
    "required": ["event", "data"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "The event's number."},
        "event": {"type": "string", "description": "The event's kind, or `end` or `unreadable`."},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}


class EventQuery(BaseModel):
    """Which events of a run to return."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: int = Field(default=0, ge=0, le=_LARGEST, description="Events with a higher number.")
    limit: int = Field(default=100, ge=1, le=500)


class StreamQuery(BaseModel):
    """Where a stream of events begins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: int = Field(
        default=0, ge=0, le=_LARGEST, description="Events with a higher number; the header Last-Event-ID comes first."
    )


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = MEDIA_TYPE


@router.get(f"{RUN}/events")
async def list_events(
    *, project: str, run: str, query: Annotated[EventQuery, Query()], services: UseServices
) -> EventPage:
    """Return what happened in the run: what its agent reported, and its attempts, waits and settlement.

    A page of a settled run with neither events nor unreadable ones is the end of its events.
    """
    found = await _found(services, project=project, run=run)
    page = await run_events(services, found, since=query.since, limit=query.limit)
    return EventPage(
        events=page.events,
        unreadable=UnreadableShape.of_all(page.unreadable),
        next_since=page.last_seq,
        status=found.status,
    )


@router.get(
    f"{RUN}/events:stream", response_class=EventStream, responses={200: {"content": {MEDIA_TYPE: {"schema": _SENT}}}}
)
async def stream_events(
    *,
    project: str,
    run: str,
    query: Annotated[StreamQuery, Query()],
    services: UseServices,
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            description="The id of the last event that was received: the stream goes on after it.",
            json_schema_extra={"pattern": f"^{EVENT_ID.pattern}$"},
        ),
    ] = None,
) -> EventStream:
    """Stream what happens in the run as server-sent events, from its beginning, until it is settled.

    Each has its number as its `id`, its kind as its `event`, and the whole event, as the listing shows it, as `data`.
    `event: unreadable` stands for stored events that cannot be read. The last one is `event: end`, without an id; its
    data holds the run's `status` and the `reason`: `settled`, `gone` (the run cannot be read any more), `too_long` or
    `shutdown`. After the last two, open another stream with the id of the last event as the Last-Event-ID.
    """
    since = query.since if last_event_id is None else event_number(last_event_id)
    found = await _found(services, project=project, run=run)
    return EventStream(_stream(services, found, since=since), headers=UNBUFFERED)


async def _stream(services: UseServices, run: Run, *, since: int) -> AsyncIterator[bytes]:
    yield OPENING
    async for item in follow_run(services, run, since=since):
        yield server_sent(item)


async def _found(services: UseServices, *, project: str, run: str) -> Run:
    found = await services.store.run(project, run)
    if found is None:
        raise NotFound("run", run)
    return found.value
