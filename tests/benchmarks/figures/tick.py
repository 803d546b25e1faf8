"""The throughput of a tick against its bare calls, in alternating rounds."""

import time
from collections.abc import Mapping, Sequence

from benchmarks.load.seeding import create_triggers, next_minute
from benchmarks.report import Figure, Report
from benchmarks.rounds.bare_calls import built_payloads, measure_bare_calls, measure_read
from benchmarks.stack.deployment import deployed
from benchmarks.stack.emulators import THIS_PROCESS, Emulators, emulators, processor_time
from tock.app.tick.tick import tick

#: Java takes this many rounds until it has compiled the Firestore emulator.
WARMUPS = 10


async def measure(*, quick: bool) -> Report:
    """Fire the same number of due triggers with every side in each round, after some rounds of warming up."""
    triggers, warmups, rounds = (40, 0, 1) if quick else (1000, WARMUPS, 11)
    measured: list[dict[str, float]] = []
    async with emulators() as running:
        for number in range(warmups + rounds):
            took: dict[str, float] = {}
            # The second side finds a warmer machine, so they take turns.
            for side in (_bare_calls, measure_tick) if number % 2 else (measure_tick, _bare_calls):
                took |= await side(running, triggers)
            if number >= warmups:
                measured.append(took)
    seconds = {side: [took[side] for took in measured] for side in measured[0]}
    return Report(
        benchmark="tick", figures=_figures(triggers, seconds), details={"triggers": triggers, "seconds": seconds}
    )


async def _bare_calls(running: Emulators, triggers: int) -> dict[str, float]:
    async with deployed(running) as deployment:
        await create_triggers(deployment, triggers, next_run_at=next_minute(deployment.services.clock.now()))
        read = await measure_read(deployment)
        payloads = await built_payloads(deployment)
        before = processor_time(running)
        took = await measure_bare_calls(deployment, payloads)
        return {"read": read, "bare calls": took} | _processor("bare calls", running, before=before)


async def measure_tick(running: Emulators, triggers: int) -> dict[str, float]:
    """Return the seconds of a tick over this many due triggers, as `tick`, and of processor time by process."""
    async with deployed(running) as deployment:
        await create_triggers(deployment, triggers, next_run_at=next_minute(deployment.services.clock.now()))
        before = processor_time(running)
        started = time.perf_counter()
        counters = await tick(deployment.services)
        took = time.perf_counter() - started
        used = _processor("tick", running, before=before)
        if counters.enqueued != triggers:
            raise RuntimeError(f"a tick over {triggers} due triggers enqueued others: {counters}")
        return {"tick": took} | used


def _processor(side: str, running: Emulators, *, before: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds of processor time that a side has used of each process, by `side, process`."""
    return {f"{side}, {name}": used - before[name] for name, used in processor_time(running).items()}


def _figures(triggers: int, seconds: Mapping[str, Sequence[float]]) -> list[Figure]:
    ticks, bare_calls, read = seconds["tick"], seconds["bare calls"], seconds["read"]
    processor = {name: sum(used) / len(ticks) for name, used in seconds.items() if ", " in name}
    return [
        Figure.of_rounds("tick", [triggers / took for took in ticks], unit="runs/s"),
        Figure.of_rounds(
            "against the bare calls",
            [bare / took for bare, took in zip(bare_calls, ticks, strict=True)],
            unit="x",
            sides={"tick": _rate(triggers, ticks), "bare calls": _rate(triggers, bare_calls)},
            note="runs/s; bare Commits and CreateTasks: the same messages, clients and methods",
        ),
        Figure.of_rounds(
            "against the bare calls and their read",
            [(bare + page) / took for bare, page, took in zip(bare_calls, read, ticks, strict=True)],
            unit="x",
            sides={f"{side}, ms": 1000 * sum(seconds[side]) / len(ticks) for side in ("tick", "bare calls", "read")},
            note="the read: one page of due triggers, through the engine's store",
        ),
        Figure.of_rounds(
            "processor time of a tick's own process",
            [1000 * used / triggers for used in seconds[f"tick, {THIS_PROCESS}"]],
            unit="ms a run",
            sides={name: 1000 * used / triggers for name, used in processor.items()},
        ),
    ]


def _rate(triggers: int, seconds: Sequence[float]) -> float:
    return triggers * len(seconds) / sum(seconds)
