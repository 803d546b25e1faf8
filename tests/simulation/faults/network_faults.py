"""The faults of the network in one simulation: how often calls fail, how long they take, and when nothing answers."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.faults import Kind
from simulation.seeded_random import SeededRandom

#: The ways in which an effect fails, with their weights.
_FAULTS = (
    (Kind.CRASH_BEFORE, 1.0),
    (Kind.CRASH_AFTER, 1.0),
    (Kind.LOST_ACKNOWLEDGEMENT, 2.0),
    (Kind.REPEATED, 2.0),
    (Kind.REFUSED, 2.0),
)


@dataclass
class NetworkFaults:
    """The rates of faults, drawn for one simulation; there is none while it is `off`."""

    random: SeededRandom
    #: The probability that an effect fails.
    fault_rate: float
    #: How long a request or its answer takes at most, in seconds.
    max_latency: float
    off: bool = False
    unreachable_until: datetime | None = field(default=None)

    @classmethod
    def drawn(cls, random: SeededRandom) -> "NetworkFaults":
        """Draw the rates: mostly moderate, sometimes zero, sometimes high."""
        fault_rate = random.weighted(((0.0, 1.0), (0.01, 2.0), (0.04, 3.0), (0.12, 2.0)))
        max_latency = random.weighted(((0.02, 3.0), (0.2, 2.0), (1.5, 1.0)))
        return cls(random=random, fault_rate=fault_rate, max_latency=max_latency)

    def fault(self) -> Kind | None:
        """Return how the next effect fails, or None."""
        if self.off or not self.random.happens(self.fault_rate):
            return None
        return self.random.weighted(_FAULTS)

    def read_fails(self) -> bool:
        """Whether the next read gets no answer."""
        return not self.off and self.random.happens(self.fault_rate / 2)

    def stalls_caller(self) -> bool:
        """Whether the process stalls just before it makes a call."""
        return not self.off and self.random.happens(self.fault_rate)

    def request_survives(self) -> bool:
        """Whether a request takes effect although its caller is gone."""
        return self.random.happens(0.5)

    def latency(self) -> float:
        """Return how long a request, or its answer, takes, in seconds."""
        return 0.001 + self.random.between(0.0, 0.01 if self.off else self.max_latency)

    def unreachable_for(self, now: datetime) -> float:
        """Return how many more seconds the outage of the store and queue lasts."""
        if self.off or self.unreachable_until is None:
            return 0.0
        return max((self.unreachable_until - now) / timedelta(seconds=1), 0.0)
