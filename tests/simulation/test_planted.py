"""The simulation finds every planted fault, within a bounded number of seeds, by the invariant that it breaks."""

from collections.abc import Iterator

import pytest

from simulation.planted.catalogue import PLANTED, Plant
from simulation.simulate import simulate

#: The most seeds that it may take.
BOUND = 300


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_simulation_finds(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    broken = tuple(f"invariant {number}:" for number in PLANTED[plant])
    assert any(problem.startswith(broken) for problem in _problems()), plant.__doc__


def _problems() -> Iterator[str]:
    for seed in range(BOUND):
        if (problem := simulate(seed).problem) is not None:
            yield problem
