"""How many runs per second one process settles, with an agent that does nothing, and what the bottleneck is."""

from benchmarks.report import Figure, Report
from benchmarks.rounds.childless import said_by
from benchmarks.rounds.throughput_rounds import CONCURRENCY
from benchmarks.stack.emulators import THIS_PROCESS, emulators

#: A process that uses this share of a processor is the bottleneck.
_BUSY = 0.8


async def measure(*, quick: bool) -> Report:
    """Execute the runs of many triggers, many at once; find the process that uses a whole processor."""
    runs, warmups, rounds = (40, 0, 1) if quick else (1000, 5, 5)
    async with emulators() as running:
        emulated = [f"{name}={pid}" for name, pid in running.processes.items()]
        measured: list[tuple[float, dict[str, float]]] = await said_by(
            "benchmarks.rounds.throughput_rounds", str(runs), str(warmups + rounds), *emulated
        )
    del measured[:warmups]
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
        if shares[busiest] >= _BUSY
        else "no process has a whole processor: others use the machine",
    )
    carried = Figure.of_rounds(
        "runs settled in a second of this process's processor time",
        [runs / used[THIS_PROCESS] for _, used in measured],
        unit="runs/s",
        sides={
            f"ms a run of {name}": 1000 * sum(used[name] for _, used in measured) / (runs * rounds) for name in shares
        },
        note="what one vCPU carries if it waits for nothing",
    )
    return Report(benchmark="throughput", figures=[figure, carried], details={"runs": runs, "processors": shares})
