"""Enqueue committed runs; the sweep repairs those that the queue does not accept."""

import logging
from collections.abc import Iterable

from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.run.run import Run
from tock.ports.queue import Task


async def enqueue(services: Services, runs: Iterable[Run]) -> int:
    """Create a task for each run, and return for how many the queue accepted it.

    A queue that does not answer loses no run: the sweep sends another task once the run's `check_at` has passed.
    """
    queued = {Task.of(run): run for run in runs}
    refused = await services.queue.enqueue(list(queued))
    for task, problem in refused.items():
        log_run_event("enqueue_failed", queued[task], level=logging.WARNING, problem=str(problem))
    return len(queued) - len(refused)
