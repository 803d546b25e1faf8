"""How many runs per second one process settles, with an agent that does nothing, and what the bottleneck is."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

from google.cloud.tasks_v2 import ListTasksRequest, Task

from benchmarks.deployment import Deployment, deployed
from benchmarks.emulators import THIS_PROCESS, Emulators, emulators, processor_time
from benchmarks.report import Figure, Report
from benchmarks.seeding import create_agent, create_triggers
from tock.app.execution.execute import Delivery, Receipt, execute
from tock.app.tick.tick import tick
from tock.core.timing import Timing

#: Deliveries under way at once: what one instance of Cloud Run takes by default.
CONCURRENCY = 80
#: A process that uses this share of a processor is the bottleneck.
_BUSY = 0.8
#: The sweep sends no task a second time, however long the tick takes.
NO_RESENDING = Timing(grace=timedelta(hours=1))


async def measure(*, quick: bool) -> Report:
    """Execute the runs of many triggers, many at once; find the process that uses a whole processor."""
    runs, warmups, rounds = (40, 0, 1) if quick else (1000, 5, 5)
    async with emulators() as running:
        measured = [await measure_runs(running, runs=runs) for _ in range(warmups + rounds)][warmups:]
    shares = {
        name: sum(used[name] for _, used in measured) / sum(took for took, _ in measured) for name in measured[0][1]
    }
    busiest = max(shares, key=lambda name: shares[name])
    figure = Figure.of_rounds(
        f"runs settled, {CONCURRENCY} at once",
        [runs / took for took, _ in measured],
        unit="runs/s",
        sides={f"processors used by {name}": share for name, share in shares.items()},
        note=f"bound by {busiest}"
        if shares[busiest] >= _BUSY
        else "no process has a whole processor: others use the machine",
    )
    carried = Figure.of_rounds(
        "runs settled in a second of this process's processor time",
        [runs / used[THIS_PROCESS] for _, used in measured],
        unit="runs/s",
        sides={
            f"ms a run of {name}": 1000 * sum(used[name] for _, used in measured) / (runs * rounds) for name in shares
        },
        note="what one vCPU carries if it waits for nothing",
    )
    return Report(benchmark="throughput", figures=[figure, carried], details={"runs": runs, "processors": shares})


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
