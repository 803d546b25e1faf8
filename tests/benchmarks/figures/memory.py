"""The peak memory of a process that works off very many due triggers, and the memory of a run whose agent waits."""

from benchmarks.report import Figure, Report, Target
from benchmarks.rounds.backlog import worked_off
from benchmarks.rounds.childless import said_by
from benchmarks.stack.emulators import emulators

_KIB = 1 << 10
_MIB = 1 << 20
_PEAK = Target(kind="below", bound=256)
_RUN = Target(kind="below", bound=20)


async def measure(*, quick: bool) -> Report:
    """Measure a new process twice, with few due triggers and with very many; and some that hold waiting runs."""
    few, many = (50, 400) if quick else (100, 100_000)
    held, rounds = ((20, 60), 1) if quick else ((100, 500), 3)
    async with emulators() as running:
        little = await worked_off(running, triggers=few)
        much = await worked_off(running, triggers=many)
        runs = [await said_by("benchmarks.rounds.waiting_runs", *map(str, held)) / _KIB for _ in range(rounds)]
    peak = Figure(
        name=f"peak memory over {many:,} due triggers",
        value=much.peak / _MIB,
        unit="MiB",
        target=_PEAK,
        sides={f"over {many:,}": much.peak / _MIB, f"over {few}": little.peak / _MIB},
        note=f"{much.ticks} ticks in one process",
    )
    run = Figure.of_rounds(
        f"a waiting run among {held[1]} in one process",
        runs,
        unit="KiB",
        target=_RUN,
        sides={"lowest": min(runs), "highest": max(runs)},
        note=f"what the process grows by while {held[0]} waiting runs become {held[1]}",
    )
    details = {"many": much.model_dump(), "few": little.model_dump(), "waiting runs": runs}
    return Report(benchmark="memory", figures=[peak, run], details=details)
