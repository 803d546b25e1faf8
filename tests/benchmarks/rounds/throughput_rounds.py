"""Takes the time that the runs of many triggers take, and the processor time of each process, in rounds."""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from google.cloud.tasks_v2 import ListTasksRequest, Task

from benchmarks.load.seeding import create_agent, create_triggers
from benchmarks.stack.deployment import Deployment, deployed
from benchmarks.stack.emulators import Emulators, emulators, processor_time
from tock.app.execution.execute import Delivery, Receipt, execute
from tock.app.tick.tick import tick
from tock.core.timing import Timing

#: Deliveries under way at once: what one instance of Cloud Run takes by default.
CONCURRENCY = 80
#: The sweep sends no task a second time, however long the tick takes.
NO_RESENDING = Timing(grace=timedelta(hours=1))


async def seconds_of_rounds(
    *, runs: int, rounds: int, emulated: Mapping[str, int]
) -> list[tuple[float, dict[str, float]]]:
    """Return what `measure_runs` returns in each round.

    The environment names the emulators; `emulated` has their processes, by name.
    """
    async with emulators() as running:
        return [await measure_runs(replace(running, processes=emulated), runs=runs) for _ in range(rounds)]


async def measure_runs(running: Emulators, *, runs: int) -> tuple[float, dict[str, float]]:
    """Return how many seconds the runs took, and how many of processor time each process used."""
    async with deployed(running, timing=NO_RESENDING) as deployment:
        await create_agent(deployment)
        await create_triggers(deployment, runs, next_run_at=deployment.services.clock.now())
        await tick(deployment.services)
        deliveries = await deliveries_of(deployment)
        before = processor_time(running)
        started = time.perf_counter()
        await execute_all(deployment, deliveries)
        took = time.perf_counter() - started
        return took, {name: used - before[name] for name, used in processor_time(running).items()}


async def execute_all(deployment: Deployment, deliveries: Sequence[Delivery]) -> None:
    """Execute and settle the deliveries, as many at once as one instance takes."""
    waiting = iter(deliveries)

    async def worker() -> None:
        for delivery in waiting:
            receipt = await execute(deployment.services, delivery)
            if receipt is not Receipt.SETTLED:
                raise RuntimeError(f"the receipt of {delivery} is {receipt}")

    await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))


async def deliveries_of(deployment: Deployment) -> list[Delivery]:
    """Return the deliveries of the tasks in the queue."""
    request = ListTasksRequest(parent=deployment.queue, response_view=Task.View.FULL, page_size=1000)
    tasks = [task async for task in await deployment.tasks.list_tasks(request=request)]
    return [Delivery.model_validate_json(task.http_request.body) for task in tasks]


if __name__ == "__main__":
    logging.getLogger("tock").setLevel(logging.ERROR)
    runs, rounds, *named = sys.argv[1:]
    processes = {name: int(process) for name, _, process in (each.partition("=") for each in named)}
    measured = asyncio.run(seconds_of_rounds(runs=int(runs), rounds=int(rounds), emulated=processes))
    sys.stdout.write(json.dumps(measured))
