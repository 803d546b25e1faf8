"""The simulation holds for a few hundred seeds, replays exactly, and its command says what it did."""

import asyncio
import hashlib
import os
import subprocess
import sys

import pytest

from simulation.__main__ import main
from simulation.loop import StuckError, run_virtually
from simulation.simulate import simulate

#: The seeds that are lived through, and how many of them whenever tests run.
SEEDS, ALWAYS = 600, 40
#: Seeds in one test: many tests share the work among processes.
PART = 20


@pytest.mark.parametrize(
    "first",
    [pytest.param(first, marks=() if first < ALWAYS else pytest.mark.slow) for first in range(0, SEEDS, PART)],
)
def test_every_invariant_holds(first: int) -> None:
    failed = [report for report in map(simulate, range(first, first + PART)) if report.problem is not None]
    assert not failed, "\n".join(f"make sim SEED={report.seed}: {report.problem}" for report in failed)


def test_a_simulation_is_about_something() -> None:
    report = simulate(3, telling=True)
    assert report.runs > 20
    assert report.commits > 100
    story = "\n".join(report.story)
    for part in ("commit", "enqueue", "deliver", "calls tick", "stalls", "dies", "calm"):
        assert part in story


def test_a_seed_replays_the_same_whatever_the_process() -> None:
    program = "from simulation.simulate import simulate; print('\\n'.join(simulate(5, telling=True).story))"
    stories = set()
    for hash_seed in ("0", "1", "4711"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        told = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True).stdout
        assert len(told) > 10_000
        stories.add(hashlib.sha256(told).hexdigest())
    assert len(stories) == 1


def test_other_seeds_are_other_stories() -> None:
    assert simulate(1, telling=True).story != simulate(2, telling=True).story


def test_time_that_cannot_pass_is_noticed() -> None:
    async def waits_for_nobody() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StuckError):
        run_virtually(waits_for_nobody())


def test_the_command_counts_what_it_lived_through(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "3", "--jobs", "1"]) == 0
    assert "3 seeds" in capsys.readouterr().out


def test_the_command_tells_a_story(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "4"]) == 0
    told = capsys.readouterr().out
    assert "api-1" in told
    assert "seed 4:" in told


@pytest.mark.parametrize("wrong", [["--seeds", "0"], ["--seeds", "many"], ["--jobs", "0"]])
def test_the_command_refuses_what_it_cannot_do(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(wrong)
    assert wrong[0] in capsys.readouterr().err
