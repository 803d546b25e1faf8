"""Enqueue committed runs; the sweep repairs those that the queue does not accept."""

import asyncio
import logging
from collections.abc import Iterable

import anyio

from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import QueueUnavailable
from tock.core.run.run import Run
from tock.ports.queue import Task

#: How many CreateTask calls one call of `enqueue` makes at once.
CONCURRENCY = 32


async def enqueue(services: Services, runs: Iterable[Run], *, limiter: anyio.CapacityLimiter | None = None) -> int:
    """Create a task for each run, and return for how many the queue accepted it.

    A queue that does not answer loses no run: the sweep sends another task once the run's `check_at` has passed.
    """
    limiter = limiter or anyio.CapacityLimiter(CONCURRENCY)
    accepted = 0

    async def enqueue_one(run: Run) -> None:
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
        await enqueue_one(queued[0])
        return accepted
    # One anyio task costs as much time as five asyncio tasks, and a tick starts thousands.
    async with asyncio.TaskGroup() as group:
        for run in queued:
            group.create_task(enqueue_one(run))
    return accepted
