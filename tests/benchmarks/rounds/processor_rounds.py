"""Takes the processor time of ticks and runs, and of their bare calls, in rounds."""

import asyncio
import gc
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from benchmarks.load.seeding import create_agent, create_triggers, next_minute
from benchmarks.rounds.bare_calls import bare_read, built_payloads, measure_bare_calls
from benchmarks.rounds.bare_run_calls import bare_client, built_run_payloads, send_run_payloads
from benchmarks.rounds.throughput_rounds import CONCURRENCY, NO_RESENDING, deliveries_of, execute_all
from benchmarks.stack.deployment import Deployment, deployed
from benchmarks.stack.emulators import Emulators, emulators
from tock.app.execution.execute import Delivery
from tock.app.tick.tick import tick

_Side = Callable[[Emulators, int], Awaitable[float]]


async def milliseconds(*, count: int, warmups: int, rounds: int) -> dict[str, list[float]]:
    """Return what each side spends on one of `count` runs in each round, after some rounds of warming up.

    The sides take turns at being first. The environment names the emulators.
    """
    sides: dict[str, _Side] = {"tick": _tick, "bare tick": _bare_tick, "run": _run, "bare run": _bare_run}
    spent: dict[str, list[float]] = {name: [] for name in sides}
    async with emulators() as running:
        for number in range(warmups + rounds):
            for name in reversed(sides) if number % 2 else sides:
                seconds = await sides[name](running, count)
                if number >= warmups:
                    spent[name].append(1000 * seconds / count)
    return spent


async def _tick(running: Emulators, count: int) -> float:
    async with deployed(running) as deployment:
        await create_triggers(deployment, count, next_run_at=next_minute(deployment.services.clock.now()))
        started = _started()
        counters = await tick(deployment.services)
        seconds = time.process_time() - started
        if counters.enqueued != count:
            raise RuntimeError(f"a tick over {count} due triggers enqueued others: {counters}")
        return seconds


async def _bare_tick(running: Emulators, count: int) -> float:
    async with deployed(running) as deployment:
        await create_triggers(deployment, count, next_run_at=next_minute(deployment.services.clock.now()))
        payloads = await built_payloads(deployment)
        started = _started()
        await bare_read(deployment)
        await measure_bare_calls(deployment, payloads)
        return time.process_time() - started


async def _run(running: Emulators, count: int) -> float:
    async with _queued_runs(running, count) as (deployment, deliveries):
        started = _started()
        await execute_all(deployment, deliveries)
        return time.process_time() - started


async def _bare_run(running: Emulators, count: int) -> float:
    async with _queued_runs(running, count) as (deployment, deliveries):
        payloads = await built_run_payloads(deployment, deliveries)
        async with bare_client(running, deployment) as client:
            started = _started()
            await send_run_payloads(client, payloads, concurrency=CONCURRENCY)
            return time.process_time() - started


@asynccontextmanager
async def _queued_runs(running: Emulators, count: int) -> AsyncIterator[tuple[Deployment, Sequence[Delivery]]]:
    async with deployed(running, timing=NO_RESENDING) as deployment:
        await create_agent(deployment)
        await create_triggers(deployment, count, next_run_at=deployment.services.clock.now())
        await tick(deployment.services)
        yield deployment, await deliveries_of(deployment)


def _started() -> float:
    """Return the processor time until now, with nothing left of what came before to be collected."""
    gc.collect()
    return time.process_time()


if __name__ == "__main__":
    logging.getLogger("tock").setLevel(logging.ERROR)
    count, warmups, rounds = map(int, sys.argv[1:])
    sys.stdout.write(json.dumps(asyncio.run(milliseconds(count=count, warmups=warmups, rounds=rounds))))
