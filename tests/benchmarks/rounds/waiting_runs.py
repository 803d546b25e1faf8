"""Takes the memory of each run whose agent waits, in a process that holds hundreds of them."""

import asyncio
import gc
import json
import logging
import sys

from benchmarks.instruments.machine import resident_memory
from benchmarks.load.agents import waiting
from benchmarks.load.seeding import create_agent, create_triggers
from benchmarks.rounds.throughput_rounds import NO_RESENDING, deliveries_of
from benchmarks.stack.deployment import Deployment, deployed
from benchmarks.stack.emulators import emulators
from tock.app.execution.execute import Delivery, execute
from tock.app.tick.tick import tick

#: How many start at once: more would leave memory behind that only their starts needed.
_STARTS_AT_ONCE = 20


async def bytes_of_a_run(*, few: int, many: int) -> float:
    """Return by how much the process grows for each run while `few` waiting runs become `many`.

    The environment names the emulators.
    """
    async with emulators() as running, deployed(running, timing=NO_RESENDING) as deployment:
        await create_agent(deployment, function="wait")
        await create_triggers(deployment, many, next_run_at=deployment.services.clock.now())
        await tick(deployment.services)
        deliveries = await deliveries_of(deployment)
        tasks = await _started(deployment, deliveries[:few])
        before = _memory()
        tasks += await _started(deployment, deliveries[few:])
        grown = _memory() - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return grown / (many - few)


async def _started(deployment: Deployment, deliveries: list[Delivery]) -> list[asyncio.Task[object]]:
    """Start a run for each delivery, and return their tasks once every agent waits."""
    tasks: list[asyncio.Task[object]] = []
    for first in range(0, len(deliveries), _STARTS_AT_ONCE):
        group = deliveries[first : first + _STARTS_AT_ONCE]
        tasks += [asyncio.create_task(execute(deployment.services, delivery)) for delivery in group]
        while not {delivery.run for delivery in group} <= waiting:
            if any(task.done() for task in tasks):
                raise RuntimeError("a run ended whose agent waits")
            await asyncio.sleep(0.01)
    return tasks


def _memory() -> int:
    gc.collect()
    return resident_memory()


if __name__ == "__main__":
    logging.getLogger("tock").setLevel(logging.ERROR)
    few, many = map(int, sys.argv[1:])
    sys.stdout.write(json.dumps(asyncio.run(bytes_of_a_run(few=few, many=many))))
