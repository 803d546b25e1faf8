"""The times in which a process, or the network to Firestore, had a fault."""

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """The cause of an outage."""

    #: A process was killed by the plan. The outage never ends, since another process takes its place.
    KILLED = "killed"
    #: A process ended by itself. As above.
    ENDED = "ended"
    #: A process was stopped by the plan, and continued.
    STOPPED = "stopped"
    #: Bytes between the functions and Firestore were delayed or held back, or the connections were reset.
    NETWORK = "network"


@dataclass(slots=True)
class Outage:
    """From when to when a process group, or the network to Firestore, had a fault; seconds of the monotonic clock."""

    cause: Cause
    #: The name of the process, or the kind of network fault.
    name: str
    began: float
    #: None while it lasts.
    ended: float | None = None
    #: The process group; None for the network, which all of them share.
    instance: int | None = None

    @property
    def over(self) -> float:
        """When it ended; infinity while it lasts."""
        return float("inf") if self.ended is None else self.ended

    def affected(self, instance: int) -> bool:
        """Whether it affected this process group."""
        return self.instance is None or self.instance == instance
