"""Every figure that Tock promises, measured: `python -m benchmarks --help`."""

import argparse
import asyncio
import gc
import importlib
import json
import logging
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.instruments.machine import facts
from benchmarks.report import Report, show
from benchmarks.stack.emulators import emulators

#: The modules with a `measure`, in the order in which `make bench` runs them.
NAMES = (
    "tick",
    "processor",
    "peers",
    "operations",
    "lateness",
    "coldstart",
    "memory",
    "scale",
    "throughput",
    "concurrency",
    "signals",
    "reload",
    "schedule",
    "console",
)
_WIDTH = 120


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks, print each report and write all of them; return 1 if a target is missed."""
    options = _parser().parse_args(arguments)
    logging.getLogger("tock").setLevel(logging.ERROR)
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    head = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251 - when the figures were taken
        "quick": options.quick,
        "machine": facts(),
    }
    reports = asyncio.run(_measured(options.names or NAMES, head=head, written=options.json, console=console))
    console.print(f"Written to {options.json}", markup=False)
    return _verdict(reports, console=console)


async def _measured(
    names: Sequence[str], *, head: Mapping[str, object], written: Path, console: Console
) -> list[Report]:
    """Return the reports. Each benchmark gets new emulators, unless `quick`, when all share them.

    The reports are written after each benchmark, so that a later failure loses none.
    """
    quick = bool(head["quick"])
    reports: list[Report] = []
    async with emulators() if quick and len(names) > 1 else nullcontext():
        for name in names:
            gc.collect()
            started = time.perf_counter()
            report: Report = await importlib.import_module(f"benchmarks.figures.{name}").measure(quick=quick)
            reports.append(report.model_copy(update={"seconds": time.perf_counter() - started}))
            show(reports[-1], console=console)
            _write(written, head=head, reports=reports)
    return reports


def _write(file: Path, *, head: Mapping[str, object], reports: Sequence[Report]) -> None:
    met = all(report.met for report in reports)
    figures = {report.benchmark: report.model_dump(mode="json") for report in reports}
    file.write_text(json.dumps({**head, "met": met, "benchmarks": figures}, indent=2) + "\n")


def _verdict(reports: Iterable[Report], *, console: Console) -> int:
    missed = [
        f"{report.benchmark}: {figure.name}" for report in reports for figure in report.figures if figure.met is False
    ]
    if missed:
        console.print("[red]Targets missed:[/red] " + ", ".join(missed))
        return 1
    console.print("[green]Every target is met.[/green]")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        choices=[*NAMES, []],
        metavar="NAME",
        help=f"one or more of {', '.join(NAMES)}; all by default",
    )
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes: shows that it works, the figures mean nothing"
    )
    parser.add_argument(
        "--json", type=Path, default=Path(".tock/bench.json"), help="where to write the figures (default: %(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
