"""A run's events as they come, for no longer than a while."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import anyio
from anyio.from_thread import start_blocking_portal

from tock import AsyncClient
from tock.cli.call.options import Globals


class NotInTime(Exception):
    """The run has not ended in time; it goes on."""


def events_within(given: Globals, run: str, *, timeout: timedelta) -> Iterator[Any]:
    """Yield what happens in a run until it is settled. Raises NotInTime after the timeout, and TockClientError."""
    until = time.monotonic() + timeout.total_seconds()
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(given.client(AsyncClient)) as client:
        events = client.runs.stream_events(run)
        while (event := portal.call(_next, events, until)) is not None:
            yield event


async def _next(events: Any, until: float) -> Any:
    """Return the next event, or None after the last. Raises NotInTime."""
    try:
        with anyio.fail_after(until - time.monotonic()):
            return await anext(events, None)
    except TimeoutError as exc:
        raise NotInTime from exc
