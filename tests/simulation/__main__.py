"""`python -m simulation`: run the simulation of many seeds, or trace one."""

import argparse
import logging
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from simulation.simulate import Report, simulate

#: It stops after this many failed seeds.
MAX_FAILED = 5
#: Seconds between two lines of progress where no bar can be drawn.
PROGRESS_EVERY = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every invariant holds for every seed, 1 otherwise."""
    options = _parser().parse_args(arguments)
    logged = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    console = Console(highlight=False, soft_wrap=True)
    try:
        if options.seed is not None:
            return _trace(options.seed, console=console)
        return _run_all(range(options.first, options.first + options.seeds), jobs=options.jobs, console=console)
    finally:
        logging.disable(logged)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument("--seeds", type=_positive, default=1000, help="how many seeds (1000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--jobs", type=_positive, default=multiprocessing.cpu_count(), help="processes (one per core)")
    parser.add_argument("--seed", help="replay this seed and print its trace, step by step")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few: at least 1")
    return number


def _trace(seed: str, *, console: Console) -> int:
    report = simulate(int(seed) if seed.lstrip("-").isdigit() else seed, tracing=True)
    for line in report.trace:
        console.print(line, markup=False)
    console.print(_verdict(report), markup=False)
    return 1 if report.problem else 0


def _run_all(seeds: Sequence[int], *, jobs: int, console: Console) -> int:
    started = reported = time.monotonic()
    failed: list[Report] = []
    runs = commits = done = 0
    columns = (
        TextColumn("seeds"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=len(seeds), pace="")
        for report in _reports(seeds, jobs=jobs):
            done, runs, commits = done + 1, runs + report.runs, commits + report.commits
            pace = f"{done / (time.monotonic() - started):.1f} seeds/s, {len(failed)} failed"
            progress.update(bar, completed=done, pace=pace)
            if not console.is_terminal and time.monotonic() - reported >= PROGRESS_EVERY:
                reported = time.monotonic()
                progress.console.print(f"{done} of {len(seeds)} seeds, {pace}")
            if report.problem is not None:
                failed.append(report)
                progress.console.print(_verdict(report), markup=False)
                if len(failed) == MAX_FAILED:
                    break
    took = time.monotonic() - started
    console.print(
        f"{done} seeds, {runs} runs, {commits} Commits in {took:.0f} s ({done / took:.1f} seeds/s): "
        + ("every invariant held" if not failed else f"FAILED: {', '.join(str(each.seed) for each in failed)}")
    )
    return 1 if failed else 0


def _reports(seeds: Sequence[int], *, jobs: int) -> Iterator[Report]:
    if jobs == 1:
        yield from map(simulate, seeds)
        return
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap_unordered(simulate, seeds, chunksize=5)


def _verdict(report: Report) -> str:
    if report.problem is None:
        return f"seed {report.seed}: {report.runs} runs, {report.commits} Commits, every invariant held"
    return f"seed {report.seed}: {report.problem}\n  replay: make sim SEED={report.seed}"


if __name__ == "__main__":
    sys.exit(main())
