"""Routes of a run's events: a page of them, or all of them as they come."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Header, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from tock.app.follow_run import follow_run
from tock.app.run_events import run_events
from tock.core.errors import InvalidArgument, NotFound
from tock.core.run.run import Run
from tock.web.api.routing import RUN, UseServices, api_router
from tock.web.resources.page import UnreadableShape
from tock.web.resources.runs.event_page import EventPage
from tock.web.resources.runs.event_stream import MEDIA_TYPE, OPENING, server_sent

router = api_router(tag="runs")
_LARGEST = 2**53
_EVENT_ID = re.compile(r"[0-9]{1,15}")
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
#: So that no proxy keeps events back (nginx, "ngx_http_proxy_module").
_UNBUFFERED = {"X-Accel-Buffering": "no"}


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
            json_schema_extra={"pattern": f"^{_EVENT_ID.pattern}$"},
        ),
    ] = None,
) -> EventStream:
    """Stream what happens in the run as server-sent events, from its beginning, until it is settled.

    Each has its number as its `id`, its kind as its `event`, and the whole event, as the listing shows it, as `data`.
    `event: unreadable` stands for stored events that cannot be read. The last one is `event: end`, without an id; its
    data holds the run's `status` and the `reason`: `settled`, `gone` (the run cannot be read any more), `too_long` or
    `shutdown`. After the last two, open another stream with the id of the last event as the Last-Event-ID.
    """
    since = query.since if last_event_id is None else _number(last_event_id)
    found = await _found(services, project=project, run=run)
    return EventStream(_stream(services, found, since=since), headers=_UNBUFFERED)


async def _stream(services: UseServices, run: Run, *, since: int) -> AsyncIterator[bytes]:
    yield OPENING
    async for item in follow_run(services, run, since=since):
        yield server_sent(item)


async def _found(services: UseServices, *, project: str, run: str) -> Run:
    found = await services.store.run(project, run)
    if found is None:
        raise NotFound("run", run)
    return found.value


def _number(text: str) -> int:
    if _EVENT_ID.fullmatch(text) is None:
        raise InvalidArgument(field="Last-Event-ID", value=text, remedy="send the id of an event, such as 1000001")
    return int(text)
