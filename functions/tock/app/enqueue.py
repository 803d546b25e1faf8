"""Hand committed runs to the queue; what does not get there is repaired by the sweep."""

import asyncio
import logging
from collections.abc import Iterable

import anyio

from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import QueueUnavailable
from tock.core.run.run import Run
from tock.ports.queue import Task

#: CreateTask calls under way at once in one call of `enqueue`.
CONCURRENCY = 32


async def enqueue(services: Services, runs: Iterable[Run], *, limiter: anyio.CapacityLimiter | None = None) -> int:
    """Return how many of the runs have a task now.

    Nothing is written on success. A queue that does not answer loses nothing: the run carries its `check_at`.
    """
    limiter = limiter or anyio.CapacityLimiter(CONCURRENCY)
    accepted = 0

    async def one(run: Run) -> None:
        nonlocal accepted
        async with limiter:
            try:
                await services.queue.enqueue(Task.of(run))
            except QueueUnavailable as exc:
                log_run_event("enqueue_failed", run, level=logging.WARNING, problem=str(exc))
            else:
                accepted += 1

    queued = list(runs)
    if len(queued) == 1:
        await one(queued[0])
        return accepted
    # A price: one of anyio's tasks costs five of asyncio's, and a tick has thousands.
    async with asyncio.TaskGroup() as group:
        for run in queued:
            group.create_task(one(run))
    return accepted
