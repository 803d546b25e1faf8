"""The random numbers of a simulation: the seed decides all of them."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from random import Random
from typing import TypeVar

T = TypeVar("T")


class SeededRandom:
    """Random numbers and choices; also a `RandomSource` for the use cases."""

    def __init__(self, seed: object) -> None:
        self._random = Random(str(seed))
        self._numbers = count(1)

    def token(self) -> str:
        """Return a text that no other call returns."""
        return f"{next(self._numbers):06d}{self._random.getrandbits(64):016x}"

    def jitter(self) -> float:
        """Return a draw from [0, 1)."""
        return self._random.random()

    def happens(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        """Return a float from low to high."""
        return self._random.uniform(low, high)

    def time(self, low: float, high: float) -> timedelta:
        """Return a duration from low to high, both in seconds."""
        return timedelta(seconds=round(self._random.uniform(low, high), 3))

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return self._random.randint(low, high)

    def one_of(self, choices: Sequence[T]) -> T:
        """Return one of the choices, each with the same probability."""
        return choices[self._random.randrange(len(choices))]

    def weighted(self, choices: Sequence[tuple[T, float]]) -> T:
        """Return one of the choices, by weight."""
        return self._random.choices([choice for choice, _ in choices], [weight for _, weight in choices])[0]
