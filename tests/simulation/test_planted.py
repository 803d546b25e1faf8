"""The simulation finds every planted fault, within a bounded number of seeds, by the invariant that it breaks."""

from collections.abc import Iterable, Iterator
from itertools import chain

import pytest

from simulation.planted.catalogue import PLANTED, Plant
from simulation.simulate import simulate

#: How many seeds, from 0, may be tried.
BOUND = 300


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_the_simulation_finds(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins at a seed that is known to find it, and tries the others where that seed no longer does."""
    plant(monkeypatch)
    known = PLANTED[plant].seed
    assert _is_found(plant, seeds=chain(range(known, BOUND), range(known))), plant.__doc__


def _is_found(plant: Plant, *, seeds: Iterable[int]) -> bool:
    broken = tuple(f"invariant {number}:" for number in PLANTED[plant].breaks)
    return any(problem.startswith(broken) for problem in _problems(seeds))


def _problems(seeds: Iterable[int]) -> Iterator[str]:
    for seed in seeds:
        if (problem := simulate(seed).problem) is not None:
            yield problem
