"""Tick throughput against the floor beneath it, and against APScheduler 3 on PostgreSQL, in alternating rounds."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from benchmarks.apscheduler_round import measure_apscheduler
from benchmarks.emulators import Emulators, emulators
from benchmarks.floor import measure_floor, measure_read, prepared
from benchmarks.postgres import postgres, program
from benchmarks.report import Figure, Report, Target
from benchmarks.seeding import create_triggers, next_minute
from benchmarks.site import opened
from tock.app.tick.tick import tick

_FLOOR = Target(kind="at least", bound=0.8)
_APSCHEDULER = Target(kind="at least", bound=1.2)
_WAITS = (
    "runs/s; a tick reads, commits by twenties and waits until Cloud Tasks took each task, the emulators keep all in "
    "memory; APScheduler reads, commits one by one and waits until its thread pool took each job"
)
_HURRIES = "runs/s; the same, but APScheduler's commits wait for no disk"
#: By what the figure is called: whether APScheduler's commits wait for the disk, its target and its note.
_DURABILITY = {
    "default durability": (True, _APSCHEDULER, _WAITS),
    "synchronous_commit off": (False, None, _HURRIES),
}


async def measure(*, quick: bool) -> Report:
    """Fire the same number of due triggers in each round, with every side in turn; warm-up rounds do not count."""
    triggers, warmups, rounds = (40, 0, 1) if quick else (1000, 3, 11)
    measured: list[dict[str, float]] = []
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(emulators())
        compares = not quick or program("initdb") is not None
        address = await stack.enter_async_context(postgres()) if compares else ""
        for number in range(warmups + rounds):
            took: dict[str, float] = {}
            # Whoever comes second finds a warmer machine: the sides take turns.
            for side in (_floor, _tick) if number % 2 else (_tick, _floor):
                took |= await side(running, triggers)
            if compares and (number >= warmups or number == 0):
                for durability, (synchronous, _, _) in _DURABILITY.items():
                    took[durability] = await asyncio.to_thread(
                        measure_apscheduler, address, jobs=triggers, synchronous=synchronous
                    )
            if number >= warmups:
                measured.append(took)
    seconds = {side: [took[side] for took in measured] for side in measured[0]}
    return Report(
        benchmark="tick",
        figures=[*_figures(triggers, seconds), *_comparisons(triggers, seconds)],
        details={"triggers": triggers, "seconds": seconds},
    )


async def _floor(running: Emulators, triggers: int) -> dict[str, float]:
    async with opened(running) as site:
        await create_triggers(site, triggers, next_run_at=next_minute(site.services.clock.now()))
        read = await measure_read(site)
        return {"read": read, "floor": await measure_floor(site, await prepared(site))}


async def _tick(running: Emulators, triggers: int) -> dict[str, float]:
    async with opened(running) as site:
        await create_triggers(site, triggers, next_run_at=next_minute(site.services.clock.now()))
        started = time.perf_counter()
        counters = await tick(site.services)
        took = time.perf_counter() - started
        if counters.enqueued != triggers:
            raise RuntimeError(f"a tick over {triggers} due triggers did otherwise: {counters}")
        return {"tick": took}


def _figures(triggers: int, seconds: Mapping[str, Sequence[float]]) -> list[Figure]:
    ticks, floor, read = seconds["tick"], seconds["floor"], seconds["read"]
    return [
        Figure.of_rounds("tick", [triggers / took for took in ticks], unit="runs/s"),
        Figure.of_rounds(
            "against the floor",
            [bare / took for bare, took in zip(floor, ticks, strict=True)],
            unit="x",
            target=_FLOOR,
            sides={"tick": _rate(triggers, ticks), "floor": _rate(triggers, floor)},
            note="runs/s; bare Commits and CreateTasks: the same messages, clients and methods",
        ),
        Figure.of_rounds(
            "against the floor and its read",
            [(bare + page) / took for bare, page, took in zip(floor, read, ticks, strict=True)],
            unit="x",
            sides={f"{side}, ms": 1000 * sum(seconds[side]) / len(ticks) for side in ("tick", "floor", "read")},
            note="the read: one page of due triggers, through the engine's store",
        ),
    ]


def _comparisons(triggers: int, seconds: Mapping[str, Sequence[float]]) -> list[Figure]:
    """One for each durability of APScheduler's that was measured; what Tock promises is against its default."""
    ticks = seconds["tick"]
    return [
        Figure.of_rounds(
            f"against APScheduler, {durability}",
            [theirs / took for theirs, took in zip(seconds[durability], ticks, strict=True)],
            unit="x",
            target=target,
            sides={"tick": _rate(triggers, ticks), "APScheduler": _rate(triggers, seconds[durability])},
            note=note,
        )
        for durability, (_, target, note) in _DURABILITY.items()
        if durability in seconds
    ]


def _rate(triggers: int, seconds: Sequence[float]) -> float:
    return triggers * len(seconds) / sum(seconds)
