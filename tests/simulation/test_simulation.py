"""Every invariant holds for a few hundred seeds, a seed replays exactly, and the command reports what it did."""

import asyncio
import hashlib
import os
import subprocess
import sys

import pytest

from simulation.__main__ import main
from simulation.loop import StuckError, run_virtually
from simulation.simulate import simulate

#: How many seeds are simulated, and how many of them in `make test`.
SEEDS, ALWAYS = 600, 20
#: Seeds in one test: many tests share the work among processes.
PART = 20


@pytest.mark.parametrize(
    "first",
    [pytest.param(first, marks=() if first < ALWAYS else pytest.mark.slow) for first in range(0, SEEDS, PART)],
)
def test_every_invariant_holds(first: int) -> None:
    failed = [report for report in map(simulate, range(first, first + PART)) if report.problem is not None]
    assert not failed, "\n".join(f"make sim SEED={report.seed}: {report.problem}" for report in failed)


def test_simulations_have_runs_commits_and_faults() -> None:
    # How much happens with one seed changes with every call that a use case makes, so a few are counted together.
    reports = [simulate(seed, tracing=True) for seed in range(3, 7)]
    assert sum(report.runs for report in reports) > 80
    assert sum(report.commits for report in reports) > 400
    trace = "\n".join(line for report in reports for line in report.trace)
    for part in ("commit", "enqueue", "deliver", "calls tick", "stalls", "dies", "no more faults"):
        assert part in trace


def test_a_seed_replays_the_same_whatever_the_process() -> None:
    program = "from simulation.simulate import simulate; print('\\n'.join(simulate(5, tracing=True).trace))"
    traces = set()
    for hash_seed in ("0", "1", "4711"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        printed = subprocess.run(
            [sys.executable, "-c", program], env=environment, check=True, capture_output=True
        ).stdout
        assert len(printed) > 10_000
        traces.add(hashlib.sha256(printed).hexdigest())
    assert len(traces) == 1


def test_other_seeds_have_other_traces() -> None:
    assert simulate(1, tracing=True).trace != simulate(2, tracing=True).trace


def test_a_simulation_that_waits_for_ever_is_an_error() -> None:
    async def waits_for_ever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StuckError):
        run_virtually(waits_for_ever())


def test_the_command_counts_the_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "3", "--jobs", "1"]) == 0
    assert "3 seeds" in capsys.readouterr().out


def test_the_command_prints_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "4"]) == 0
    printed = capsys.readouterr().out
    assert "api-1" in printed
    assert "seed 4:" in printed


@pytest.mark.parametrize("wrong", [["--seeds", "0"], ["--seeds", "many"], ["--jobs", "0"]])
def test_the_command_refuses_what_it_cannot_do(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(wrong)
    assert wrong[0] in capsys.readouterr().err
