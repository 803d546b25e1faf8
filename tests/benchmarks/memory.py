"""The peak memory of a process that works off very many due triggers."""

from benchmarks.backlog import worked_off
from benchmarks.emulators import emulators
from benchmarks.report import Figure, Report, Target

_MIB = 1 << 20
_TARGET = Target(kind="below", bound=256)


async def measure(*, quick: bool) -> Report:
    """Measure a new process twice: with few due triggers, and with very many."""
    few, many = (50, 400) if quick else (100, 100_000)
    async with emulators() as running:
        little = await worked_off(running, triggers=few)
        much = await worked_off(running, triggers=many)
    figure = Figure(
        name=f"peak memory over {many:,} due triggers",
        value=much.peak / _MIB,
        unit="MiB",
        target=_TARGET,
        sides={f"over {many:,}": much.peak / _MIB, f"over {few}": little.peak / _MIB},
        note=f"{much.ticks} ticks in one process",
    )
    return Report(benchmark="memory", figures=[figure], details={"many": much.model_dump(), "few": little.model_dump()})
