"""The processor time that a process spends on a tick and on a run, each against its bare calls.

Both sides of a ratio take turns in one process, and only this process's time counts, not that of the emulators.
"""

from collections.abc import Mapping, Sequence

from benchmarks.report import Figure, Report, Target
from benchmarks.rounds.childless import said_by
from benchmarks.rounds.throughput_rounds import CONCURRENCY
from benchmarks.stack.emulators import emulators

_TICK = Target(kind="at most", bound=1.8)
_RUN = Target(kind="at most", bound=1.6)
_BARE_TICK = "ms of processor time a run; the bare side reads a page, commits by twenties and creates tasks"
_BARE_RUN = f"ms of processor time a run, {CONCURRENCY} at once; the bare side reads it and commits twice"


async def measure(*, quick: bool) -> Report:
    """Measure each side in each round, in a new process."""
    count, warmups, rounds = (40, 0, 1) if quick else (1000, 2, 9)
    async with emulators():
        spent: dict[str, list[float]] = await said_by(
            "benchmarks.rounds.processor_rounds", str(count), str(warmups), str(rounds)
        )
    figures = [
        _figure("tick", spent, target=_TICK, note=_BARE_TICK),
        _figure("run", spent, target=_RUN, note=_BARE_RUN),
    ]
    return Report(benchmark="processor", figures=figures, details={"runs": count, "milliseconds": spent})


def _figure(name: str, spent: Mapping[str, Sequence[float]], *, target: Target, note: str) -> Figure:
    whole, bare = spent[name], spent[f"bare {name}"]
    return Figure.of_rounds(
        f"{name} against its bare calls",
        [mine / theirs for mine, theirs in zip(whole, bare, strict=True)],
        unit="x",
        target=target,
        sides={name: sum(whole) / len(whole), "bare calls": sum(bare) / len(bare)},
        note=note,
    )
