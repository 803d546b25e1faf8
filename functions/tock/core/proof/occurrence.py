"""What became of an occurrence, read from its record."""

from enum import StrEnum

from tock.core.run.run import Run
from tock.core.run.status import RunStatus


class Fate(StrEnum):
    """What became of an occurrence."""

    #: Its run started, whatever its outcome.
    FIRED = "fired"
    #: It gave way to an earlier run.
    SKIPPED = "skipped"
    #: It was let go, with a reason.
    MISSED = "missed"
    #: It was cancelled before it started.
    CANCELLED = "cancelled"
    #: No attempt could be made: its agent was gone or disabled.
    REFUSED = "refused"
    #: Its run is on its way.
    IN_FLIGHT = "in_flight"
    #: Nobody has decided it yet; the next tick does.
    DUE = "due"
    #: There is no record of it.
    LOST = "lost"


def fate_of(run: Run) -> Fate:
    """Return the fate of the occurrences that a record answers for."""
    if run.started is not None:
        return Fate.FIRED
    match run.status:
        case RunStatus.SKIPPED:
            return Fate.SKIPPED
        case RunStatus.MISSED:
            return Fate.MISSED
        case RunStatus.CANCELLED:
            return Fate.CANCELLED
        case status:
            return Fate.REFUSED if status.terminal else Fate.IN_FLIGHT
