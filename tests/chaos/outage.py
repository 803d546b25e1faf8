"""What befell a process, or the way to Firestore, and when."""

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """What an outage comes from."""

    #: Killed by the plan; it lasts for ever, since another process takes the place.
    KILLED = "killed"
    #: Ended without the plan's doing; as above.
    ENDED = "ended"
    #: Stopped by the plan, and continued.
    STOPPED = "stopped"
    #: Bytes between the functions and Firestore were delayed or kept back, or the connections were reset.
    WEATHER = "weather"


@dataclass(slots=True)
class Outage:
    """When a process group, or every way to Firestore, was hurt; in seconds of the monotonic clock."""

    cause: Cause
    #: Of the process, or of the weather.
    name: str
    began: float
    #: None while it lasts.
    ended: float | None = None
    #: The process group; None for the weather, which befalls all.
    instance: int | None = None

    @property
    def over(self) -> float:
        """When it ended; infinity while it lasts."""
        return float("inf") if self.ended is None else self.ended

    def befell(self, instance: int) -> bool:
        """Whether it hurt this process group."""
        return self.instance is None or self.instance == instance
