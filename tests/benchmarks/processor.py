"""The processor time that this process spends on a tick and on a run, each against its bare calls.

Both sides of a ratio take turns in one process, and only this process's time counts, not that of the emulators.
"""

import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from benchmarks.bare_calls import bare_read, built_payloads, measure_bare_calls
from benchmarks.bare_run_calls import built_run_payloads, send_run_payloads
from benchmarks.deployment import Deployment, deployed
from benchmarks.emulators import Emulators, emulators
from benchmarks.report import Figure, Report, Target
from benchmarks.seeding import create_agent, create_triggers, next_minute
from benchmarks.throughput import CONCURRENCY, NO_RESENDING, deliveries_of, execute_all
from tock.app.execution.execute import Delivery
from tock.app.tick.tick import tick

_TICK = Target(kind="at most", bound=1.8)
_RUN = Target(kind="at most", bound=1.6)
_Side = Callable[[Emulators, int], Awaitable[float]]


async def measure(*, quick: bool) -> Report:
    """Measure each side in each round, after some rounds of warming up; the sides take turns at being first."""
    count, warmups, rounds = (40, 0, 1) if quick else (1000, 2, 9)
    sides: dict[str, _Side] = {"tick": _tick, "bare tick": _bare_tick, "run": _run, "bare run": _bare_run}
    spent: dict[str, list[float]] = {name: [] for name in sides}
    async with emulators() as running:
        for number in range(warmups + rounds):
            for name in reversed(sides) if number % 2 else sides:
                seconds = await sides[name](running, count)
                if number >= warmups:
                    spent[name].append(1000 * seconds / count)
    return Report(
        benchmark="processor",
        figures=[
            _figure(
                "tick",
                spent,
                target=_TICK,
                note="ms of processor time a run; the bare side reads a page, commits by twenties and creates tasks",
            ),
            _figure(
                "run",
                spent,
                target=_RUN,
                note=f"ms of processor time a run, {CONCURRENCY} at once; the bare side reads it and commits twice",
            ),
        ],
        details={"runs": count, "milliseconds": spent},
    )


def _figure(name: str, spent: dict[str, list[float]], *, target: Target, note: str) -> Figure:
    whole, bare = spent[name], spent[f"bare {name}"]
    return Figure.of_rounds(
        f"{name} against its bare calls",
        [mine / theirs for mine, theirs in zip(whole, bare, strict=True)],
        unit="x",
        target=target,
        sides={name: sum(whole) / len(whole), "bare calls": sum(bare) / len(bare)},
        note=note,
    )


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
        started = _started()
        await send_run_payloads(deployment, payloads, concurrency=CONCURRENCY)
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
