"""The simulation finds every planted fault, within a bounded number of seeds, by the invariant that it breaks."""

from collections.abc import Iterable, Iterator

import pytest

from simulation.planted.catalogue import PLANTED, Plant
from simulation.simulate import simulate

#: The most seeds that it may take.
BOUND = 300


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_simulation_finds(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins at a seed that is known to find it, and goes on from there where that seed no longer does."""
    plant(monkeypatch)
    assert _is_found(plant, seeds=range(PLANTED[plant].seed, PLANTED[plant].seed + BOUND)), plant.__doc__


@pytest.mark.slow
@pytest.mark.parametrize(
    "plant", [plant for plant, planted in PLANTED.items() if planted.seed], ids=lambda plant: plant.__name__
)
def test_the_simulation_finds_without_being_told_where(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    assert _is_found(plant, seeds=range(BOUND)), plant.__doc__


def _is_found(plant: Plant, *, seeds: Iterable[int]) -> bool:
    broken = tuple(f"invariant {number}:" for number in PLANTED[plant].breaks)
    return any(problem.startswith(broken) for problem in _problems(seeds))


def _problems(seeds: Iterable[int]) -> Iterator[str]:
    for seed in seeds:
        if (problem := simulate(seed).problem) is not None:
            yield problem
