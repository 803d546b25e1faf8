"""The weather of one simulation: how often a call fails, how long it takes, and when nobody answers at all."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.faults import Kind
from simulation.dice import Dice

#: The ways in which an effect fails, by how often.
_FAULTS = (
    (Kind.CRASH_BEFORE, 1.0),
    (Kind.CRASH_AFTER, 1.0),
    (Kind.LOST_ACKNOWLEDGEMENT, 2.0),
    (Kind.REPEATED, 2.0),
    (Kind.REFUSED, 2.0),
)


@dataclass
class Weather:
    """Drawn for one simulation; `calm` ends all faults."""

    dice: Dice
    #: How likely one effect fails.
    roughness: float
    #: The longest time of one way of a call, in seconds.
    slowness: float
    calm: bool = False
    dark_until: datetime | None = field(default=None)

    @classmethod
    def drawn(cls, dice: Dice) -> "Weather":
        """Return the weather of a simulation: mostly moderate, sometimes fine, sometimes a storm."""
        roughness = dice.weighted(((0.0, 1.0), (0.01, 2.0), (0.04, 3.0), (0.12, 2.0)))
        slowness = dice.weighted(((0.02, 3.0), (0.2, 2.0), (1.5, 1.0)))
        return cls(dice=dice, roughness=roughness, slowness=slowness)

    def fault(self) -> Kind | None:
        """Return how the next effect fails, or None."""
        if self.calm or not self.dice.happens(self.roughness):
            return None
        return self.dice.weighted(_FAULTS)

    def read_fails(self) -> bool:
        """Whether nobody answers the next read."""
        return not self.calm and self.dice.happens(self.roughness / 2)

    def stops_here(self) -> bool:
        """Whether the process stands still just as it makes a call."""
        return not self.calm and self.dice.happens(self.roughness)

    def goes_on_alone(self) -> bool:
        """Whether a request goes on to its end although its caller is gone."""
        return self.dice.happens(0.5)

    def latency(self) -> float:
        """Return how long one way of a call takes, in seconds."""
        return 0.001 + self.dice.between(0.0, 0.01 if self.calm else self.slowness)

    def dark_for(self, now: datetime) -> float:
        """Return how long nobody answers from now on, in seconds."""
        if self.calm or self.dark_until is None:
            return 0.0
        return max((self.dark_until - now) / timedelta(seconds=1), 0.0)
