"""What a scheduled run costs in Firestore operations and tasks, from the tick that claims it to its settlement.

Counted in the RPCs of a warm instance, which has its agent in memory; without events; an average of several runs.
"""

from collections.abc import Mapping

from benchmarks.report import Figure, Report, Target
from benchmarks.rounds.counted_runs import KINDS, Costs, idle_tick, long, ordinary, queued, retried
from benchmarks.stack.emulators import emulators

_BOUNDS = {"parallel": {"reads": 2, "writes": 4}, "skip": {"reads": 3, "writes": 4}}
_SETTLING = "runs deleted by Firestore after their retention are billed too: one delete a run"


async def measure(*, quick: bool) -> Report:
    """Count each kind of run by itself; a retry, for example, costs the difference to an ordinary run."""
    runs, heartbeats, seconds = (2, 1, 3) if quick else (20, 5, 3)
    async with emulators() as running:
        idle = await idle_tick(running)
        parts = {overlap: await ordinary(running, overlap=overlap, runs=runs) for overlap in _BOUNDS}
        tick, once = parts["skip"]
        retry = _less(await retried(running, runs=runs), once)
        heartbeat = _divided(_less(await long(running, runs=runs, heartbeats=heartbeats), once), by=heartbeats)
        held = _less(await queued(running, runs=runs, seconds=seconds), once)
    costs: dict[str, Costs] = {
        **{f"run, {overlap}": _sum(*shares) for overlap, shares in parts.items()},
        "run that waits in a queue": _sum(tick, held),
        "retry": retry,
        "heartbeat, every 10 s": heartbeat,
        "tick, whatever is due": idle,
    }
    figures = [
        Figure(
            name=f"{kind} of a run, {overlap}",
            value=costs[f"run, {overlap}"][kind],
            unit="",
            target=Target(kind="at most", bound=bound),
            sides={"tick": parts[overlap][0][kind], "run": parts[overlap][1][kind]},
        )
        for overlap, bounds in _BOUNDS.items()
        for kind, bound in bounds.items()
    ]
    figures += [
        Figure(name=f"{kind} of a {name}", value=cost[kind], unit="")
        for name, cost in costs.items()
        for kind in KINDS
        if cost[kind] and name.removeprefix("run, ") not in _BOUNDS
    ]
    return Report(benchmark="operations", figures=figures, details={"costs": costs, "runs": runs, "note": _SETTLING})


def _sum(one: Costs, other: Costs) -> Costs:
    return {kind: one[kind] + other[kind] for kind in KINDS}


def _less(one: Costs, other: Costs) -> Costs:
    return {kind: one[kind] - other[kind] for kind in KINDS}


def _divided(costs: Mapping[str, float], *, by: int) -> Costs:
    return {kind: count / by for kind, count in costs.items()}
