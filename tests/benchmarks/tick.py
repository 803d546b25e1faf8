"""Tick throughput against the floor beneath it, and against APScheduler 3 on PostgreSQL, in alternating rounds."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

from benchmarks.apscheduler_round import measure_apscheduler
from benchmarks.emulators import Emulators, emulators
from benchmarks.floor import measure_floor, prepared
from benchmarks.postgres import postgres, program
from benchmarks.report import Figure, Report, Target
from benchmarks.seeding import create_triggers, next_minute
from benchmarks.site import opened
from tock.app.tick import tick

_FLOOR = Target(kind="at least", bound=0.8)
_APSCHEDULER = Target(kind="at least", bound=1.2)


async def measure(*, quick: bool) -> Report:
    """Fire the same number of due triggers in each round, with every side in turn; warm-up rounds do not count."""
    triggers, warmups, rounds = (60, 0, 1) if quick else (1000, 3, 11)
    floor: list[float] = []
    ticks: list[float] = []
    synchronous: list[float] = []
    asynchronous: list[float] = []
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(emulators())
        compares = not quick or program("initdb") is not None
        address = await stack.enter_async_context(postgres()) if compares else ""
        for number in range(warmups + rounds):
            counts = number >= warmups
            # Whoever comes second finds a warmer machine: the sides take turns.
            for side in (_floor, _tick) if number % 2 else (_tick, _floor):
                took = await side(running, triggers)
                if counts:
                    (floor if side is _floor else ticks).append(took)
            if compares and (counts or number == 0):
                waits, hurries = [
                    await asyncio.to_thread(measure_apscheduler, address, jobs=triggers, synchronous=synchronous)
                    for synchronous in (True, False)
                ]
                if counts:
                    synchronous.append(waits)
                    asynchronous.append(hurries)
    return Report(
        benchmark="tick",
        figures=_figures(triggers, ticks=ticks, floor=floor, synchronous=synchronous, asynchronous=asynchronous),
        details={"triggers": triggers, "seconds": {"tick": ticks, "floor": floor, "apscheduler": synchronous}},
    )


async def _floor(running: Emulators, triggers: int) -> float:
    async with opened(running) as site:
        await create_triggers(site, triggers, next_run_at=next_minute(site.parts.clock.now()))
        return await measure_floor(site, await prepared(site))


async def _tick(running: Emulators, triggers: int) -> float:
    async with opened(running) as site:
        await create_triggers(site, triggers, next_run_at=next_minute(site.parts.clock.now()))
        started = time.perf_counter()
        counters = await tick(site.parts)
        took = time.perf_counter() - started
        if counters.enqueued != triggers:
            raise RuntimeError(f"a tick over {triggers} due triggers did otherwise: {counters}")
        return took


def _figures(
    triggers: int,
    *,
    ticks: Sequence[float],
    floor: Sequence[float],
    synchronous: Sequence[float],
    asynchronous: Sequence[float],
) -> list[Figure]:
    rates = {"tick": _rate(triggers, ticks), "floor": _rate(triggers, floor)}
    figures = [
        Figure.of_rounds("tick", [triggers / took for took in ticks], unit="runs/s"),
        Figure.of_rounds(
            "against the floor",
            [bare / took for bare, took in zip(floor, ticks, strict=True)],
            unit="x",
            target=_FLOOR,
            sides=rates,
            note="runs/s; bare Commits and CreateTasks of the same messages",
        ),
    ]
    for name, other, target, note in (
        ("against APScheduler", synchronous, _APSCHEDULER, "default durability; the emulators keep all in memory"),
        ("against APScheduler, no fsync", asynchronous, None, "synchronous_commit=off: its commits wait for no disk"),
    ):
        if other:
            figures.append(
                Figure.of_rounds(
                    name,
                    [theirs / took for theirs, took in zip(other, ticks, strict=True)],
                    unit="x",
                    target=target,
                    sides={"tick": rates["tick"], "APScheduler": _rate(triggers, other)},
                    note=f"runs/s; {note}",
                )
            )
    return figures


def _rate(triggers: int, seconds: Sequence[float]) -> float:
    return triggers * len(seconds) / sum(seconds)
