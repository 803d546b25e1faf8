"""A random source that a seed decides."""

import random


class SeededRandomSource:
    """Draws the same tokens and jitter for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        #: The tokens drawn so far.
        self.tokens: list[str] = []

    def token(self) -> str:
        self.tokens.append(f"{self._random.getrandbits(128):032x}")
        return self.tokens[-1]

    def jitter(self) -> float:
        return self._random.random()
