"""The simulation finds every planted fault, within a bounded number of seeds, by the invariant that it breaks."""

from collections.abc import Iterable, Iterator

import pytest

from simulation.planted.catalogue import PLANTED, Plant
from simulation.planted.claims import claim_without_precondition
from simulation.simulate import simulate

#: The most seeds that it may take.
BOUND = 300
#: Where the search begins, for what takes long to find from the start; another 300 seeds are searched from there.
FIRST = {claim_without_precondition: 95}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_simulation_finds(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    broken = tuple(f"invariant {number}:" for number in PLANTED[plant])
    first = FIRST.get(plant, 0)
    assert any(problem.startswith(broken) for problem in _problems(range(first, first + BOUND))), plant.__doc__


def _problems(seeds: Iterable[int]) -> Iterator[str]:
    for seed in seeds:
        if (problem := simulate(seed).problem) is not None:
            yield problem
