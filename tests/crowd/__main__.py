"""`python -m crowd`: simulate many triggers that are due in one second, within Google Cloud's quotas."""

import argparse
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from crowd.costs import Costs
from crowd.deliveries import Agent
from crowd.simulate import Deployment, simulate
from crowd.timeline import part, plot

#: How much of the claims and starts the table's columns show.
_PARTS = (0.5, 0.99, 1.0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, and print when the runs were claimed and started."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    deployment = _deployment(options)
    began = time.monotonic()
    timeline = simulate(deployment)
    table = Table(title=_title(deployment), title_justify="left")
    table.add_column("")
    for heading in ("how many", "first", "median", "99 %", "last", "takes"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, counts in (("claimed", timeline.claims), ("started", timeline.starts)):
        first = min(counts, default=None)
        seconds = [first, *(part(counts, fraction) for fraction in _PARTS)]
        last = seconds[-1]
        took = "" if first is None or last is None else f"{last - first} s"
        table.add_row(name, f"{counts.total():,}", *("" if each is None else f"{each:+d} s" for each in seconds), took)
    console.print(table)
    for line in plot(timeline, count=deployment.triggers):
        console.print(line, markup=False)
    console.print(f"simulated in {time.monotonic() - began:.0f} s")


def _title(deployment: Deployment) -> str:
    return (
        f"{deployment.triggers:,} triggers of {deployment.projects:,} projects due in one second; "
        f"{deployment.shards} shards, {deployment.tick_instances} instances of tick with "
        f"{deployment.tick_concurrency} requests each, {deployment.run_queues} queues; "
        f"{'warm' if deployment.warm else 'cold'}"
    )


def _deployment(options: argparse.Namespace) -> Deployment:
    return Deployment(
        triggers=options.triggers,
        projects=options.projects,
        shards=options.shards,
        tick_instances=options.tick_instances or options.shards,
        tick_concurrency=options.tick_concurrency,
        tick_dispatches=options.tick_dispatches or options.shards,
        run_queues=options.queues,
        run_instances=options.run_instances,
        run_concurrency=options.run_concurrency,
        warm=not options.cold,
        agent=Agent(seconds=options.agent_seconds, heartbeat=options.heartbeat),
        costs=Costs.of(tick=options.tick_ms / 1000, run=options.run_ms / 1000),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="crowd", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--triggers", type=int, default=1_000_000, help="how many triggers are due in one second")
    parser.add_argument("--projects", type=int, default=1, help="how many projects they belong to")
    parser.add_argument("--shards", type=int, default=64, help="the variable shards")
    parser.add_argument("--tick-instances", type=int, help="the most instances of tick; as many as shards by default")
    parser.add_argument("--tick-concurrency", type=int, default=1, help="requests at once in an instance of tick")
    parser.add_argument("--tick-dispatches", type=float, help="continuations a second; as many as shards by default")
    parser.add_argument("--queues", type=int, default=40, help="the variable run_queues")
    parser.add_argument("--run-instances", type=int, default=2000, help="the variable run_instances")
    parser.add_argument("--run-concurrency", type=int, default=100, help="the variable run_concurrency")
    parser.add_argument("--agent-seconds", type=float, default=30.0, help="how long each agent works")
    parser.add_argument("--heartbeat", type=float, default=10.0, help="the variable heartbeat, in seconds")
    parser.add_argument("--tick-ms", type=float, default=0.6, help="milliseconds of a tick for each run")
    parser.add_argument("--run-ms", type=float, default=1.4, help="milliseconds of run for each run")
    parser.add_argument("--cold", action="store_true", help="the ramps of Firestore and of the queues begin anew")
    return parser


if __name__ == "__main__":
    main()
