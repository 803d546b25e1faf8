"""One run: what happened, live."""

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from tock.app.follow_run import follow_run
from tock.core.errors import NotFound
from tock.core.run.run import Run
from tock.web.console.routing import get
from tock.web.console.visit import Visit
from tock.web.resources.runs.event_stream import MEDIA_TYPE, OPENING, server_sent
from tock.web.resources.runs.run import RunResource


async def show_run(visit: Visit) -> Response:
    """Show a run."""
    return visit.page("runs/run.html", run=RunResource.of(await _found(visit)))


async def stream_events(visit: Visit) -> Response:
    """Stream the run's events as the API does, for the page that shows them."""
    run = await _found(visit)
    since = int(visit.request.headers.get("last-event-id", "0"))

    async def stream() -> AsyncIterator[bytes]:
        yield OPENING
        async for item in follow_run(visit.services, run, since=since):
            yield server_sent(item)

    return StreamingResponse(stream(), media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


async def _found(visit: Visit) -> Run:
    identifier = visit.request.path_params["run"]
    found = await visit.services.store.run(visit.project, identifier)
    if found is None:
        raise NotFound("run", identifier)
    return found.value


ROUTES = (
    get("/projects/{project}/runs/{run}", show_run),
    get("/projects/{project}/runs/{run}/events", stream_events),
)
