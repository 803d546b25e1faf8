"""Every benchmark runs and reports its figures, which mean nothing at these small sizes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import NAMES
from benchmarks.figures.lateness import _figures
from benchmarks.figures.peers import installed
from benchmarks.report import Figure, Report, Target
from executors.python.processes import ends

TESTS = Path(__file__).parents[1]
#: Seconds after which it counts as hanging.
TIMEOUT = 300
#: The benchmarks that start the whole local stack.
ON_THE_STACK = ("lateness", "concurrency", "signals", "reload")
#: The others, in two parts.
IN_PROCESSES = [name for name in NAMES if name not in ON_THE_STACK]
#: A program that starts another, prints its id, and goes on for ten minutes, as the other does.
HANGING = """
import subprocess, sys, time
sleeps = "import time; time.sleep(600)"
print(subprocess.Popen([sys.executable, "-c", sleeps]).pid, flush=True)
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [tuple(IN_PROCESSES[:4]), tuple(IN_PROCESSES[4:]), *((name,) for name in ON_THE_STACK)],
    ids=" ".join,
)
def test_each_benchmark_reports_its_figures(firestore_emulator: str, tmp_path: Path, names: tuple[str, ...]) -> None:
    done = _bench(*names, firestore=firestore_emulator, folder=tmp_path)

    written = json.loads((tmp_path / "bench.json").read_text())
    assert done.returncode == (0 if written["met"] else 1), done.stdout + done.stderr
    assert tuple(written["benchmarks"]) == names
    assert {"python", "cores", "system", "processor"} <= written["machine"].keys()
    for report in map(Report.model_validate, written["benchmarks"].values()):
        assert report.figures
        # A machine without PostgreSQL or the peers has nothing to compare with.
        without_target = report.benchmark in {"tick", "throughput"} or (report.benchmark == "peers" and not installed())
        assert any(figure.target is not None for figure in report.figures) or without_target
        assert all(figure.sides or report.benchmark in {"lateness", "operations", "tick"} for figure in report.figures)
        assert all(figure.name.split()[0] in done.stdout for figure in report.figures)


def test_a_missed_target_is_said_and_counts() -> None:
    figure = Figure(
        name="ratio", value=0.7, unit="x", target=Target(kind="at least", bound=0.8), sides={"a": 7, "b": 10}
    )

    assert (figure.met, Report(benchmark="x", figures=[figure]).met) == (False, False)


@pytest.mark.parametrize(
    ("kind", "met"),
    [("at least", [False, True, True]), ("at most", [True, True, False]), ("below", [True, False, False])],
)
def test_a_target_is_met_up_to_its_bound(kind: Any, met: list[bool]) -> None:
    target = Target(kind=kind, bound=2)

    assert [target.met_by(value) for value in (1, 2, 3)] == met


def test_a_start_before_its_fire_time_does_not_make_others_look_good() -> None:
    early = _figures([-900.0, *[10.0] * 9])

    shown = {figure.name.removeprefix("lateness, "): figure.value for figure in early}
    assert (shown["minimum"], shown["maximum"], shown["99th percentile"] > 500) == (-900, 10, True)


def test_what_a_hanging_benchmark_has_started_ends_with_it() -> None:
    with _program(sys.executable, "-c", HANGING) as hanging:
        assert hanging.stdout is not None
        started = int(hanging.stdout.readline())

    assert ends(started)


def _bench(*names: str, firestore: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *names, "--quick", "--json", str(folder / "bench.json")]
    with _program(*command, PYTHONPATH=str(TESTS), FIRESTORE_EMULATOR_HOST=firestore) as process:
        output, errors = process.communicate(timeout=TIMEOUT)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


@contextmanager
def _program(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command until the block ends, which then kills what is left of its process group."""
    process = subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
