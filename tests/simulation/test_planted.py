"""The simulation finds every planted fault, within a bounded number of seeds."""

import pytest

from simulation.planted import PLANTED, Plant
from simulation.world import simulate

#: The most seeds that it may take.
BOUND = 200


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_simulation_finds(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    assert any(simulate(seed).problem is not None for seed in range(BOUND)), plant.__doc__
