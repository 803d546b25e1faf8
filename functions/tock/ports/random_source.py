"""The contract of the random source; core never draws random values."""

from typing import Protocol


class RandomSource(Protocol):
    """Draws random values."""

    def token(self) -> str:
        """Return a text that no other call returns."""
        ...

    def jitter(self) -> float:
        """Return a random number from [0, 1)."""
        ...
