"""What the functions' processor time goes to, in seconds, as `make bench-processor` measures it (2026-11-26)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of processor time."""

    #: A query, without its documents; any other read or write of one document.
    query: float = 0.001
    #: A trigger that a query returns: received and decoded.
    read: float = 0.00016
    #: A trigger that is planned, and its share of the Commit.
    commit: float = 0.00022
    #: A task that is created.
    enqueue: float = 0.00022
    #: A run from its delivery until its agent starts, and from its agent's end until it is settled.
    start: float = 0.0007
    settle: float = 0.0007

    @classmethod
    def of(cls, *, tick: float, run: float) -> "Costs":
        """Return the costs for so many seconds that a tick and a run take for each run, divided as measured."""
        default = cls()
        scale = tick / (default.read + default.commit + default.enqueue)
        return cls(
            read=default.read * scale,
            commit=default.commit * scale,
            enqueue=default.enqueue * scale,
            start=run / 2,
            settle=run / 2,
        )
