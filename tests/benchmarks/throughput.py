"""Runs settled per second by one process, with an agent that does nothing, and what bounds them."""

import asyncio
import time
from datetime import timedelta

from google.cloud.tasks_v2 import ListTasksRequest, Task

from benchmarks.emulators import Emulators, emulators
from benchmarks.machine import processor_seconds
from benchmarks.report import Figure, Report
from benchmarks.seeding import create_agent, create_triggers
from benchmarks.site import Site, opened
from tock.app.execution.execute import Delivery, Receipt, execute
from tock.app.tick.tick import tick
from tock.core.timing import Timing

#: Deliveries under way at once: what one instance of Cloud Run takes by default.
CONCURRENCY = 80
_SELF = "this process"
#: From this share of a processor on, whoever uses it is the bound.
_WHOLE = 0.8
#: However long the tick takes on a busy machine, the sweep sends no run a second time.
_PATIENT = Timing(grace=timedelta(hours=1))


async def measure(*, quick: bool) -> Report:
    """Deliver all runs of many triggers, many at once; whoever used nearly a whole processor is the bound."""
    runs, warmups, rounds = (40, 0, 1) if quick else (1000, 1, 5)
    async with emulators() as running:
        measured = [await _round(running, runs=runs) for _ in range(warmups + rounds)][warmups:]
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
        if shares[busiest] >= _WHOLE
        else "nobody has a whole processor: others use the machine",
    )
    return Report(benchmark="throughput", figures=[figure], details={"runs": runs, "processors": shares})


async def _round(running: Emulators, *, runs: int) -> tuple[float, dict[str, float]]:
    """How long the runs took, and how much processor time each process used meanwhile; seconds."""
    async with opened(running, timing=_PATIENT) as site:
        await create_agent(site)
        await create_triggers(site, runs, next_run_at=site.services.clock.now())
        await tick(site.services)
        deliveries = await _deliveries(site)
        before = _used(running)
        started = time.perf_counter()
        waiting = iter(deliveries)

        async def lane() -> None:
            for delivery in waiting:
                receipt = await execute(site.services, delivery)
                if receipt is not Receipt.SETTLED:
                    raise RuntimeError(f"{delivery} came to {receipt}")

        await asyncio.gather(*(lane() for _ in range(CONCURRENCY)))
        took = time.perf_counter() - started
        return took, {name: used - before[name] for name, used in _used(running).items()}


async def _deliveries(site: Site) -> list[Delivery]:
    """What the tasks in the queue carry."""
    request = ListTasksRequest(parent=site.queue, response_view=Task.View.FULL, page_size=1000)
    tasks = [task async for task in await site.tasks.list_tasks(request=request)]
    return [Delivery.model_validate_json(task.http_request.body) for task in tasks]


def _used(running: Emulators) -> dict[str, float]:
    """The processor time that each process has used, in seconds."""
    return {_SELF: time.process_time()} | {name: processor_seconds(pid) for name, pid in running.processes.items()}
