"""The contract of randomness, which core never draws itself."""

from typing import Protocol


class RandomSource(Protocol):
    """Values that must differ from one call to the next."""

    def token(self) -> str:
        """Return a text that no other call returns."""
        ...

    def jitter(self) -> float:
        """Return a draw from [0, 1)."""
        ...
