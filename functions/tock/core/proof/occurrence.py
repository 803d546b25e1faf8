"""What became of an occurrence, read from its record."""

from enum import StrEnum

from tock.core.run.run import Run
from tock.core.run.status import RunStatus


class OccurrenceStatus(StrEnum):
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


def occurrence_status(run: Run) -> OccurrenceStatus:
    """Return the fate of the occurrences that a record answers for."""
    if run.started is not None:
        return OccurrenceStatus.FIRED
    match run.status:
        case RunStatus.SKIPPED:
            return OccurrenceStatus.SKIPPED
        case RunStatus.MISSED:
            return OccurrenceStatus.MISSED
        case RunStatus.CANCELLED:
            return OccurrenceStatus.CANCELLED
        case status:
            return OccurrenceStatus.REFUSED if status.terminal else OccurrenceStatus.IN_FLIGHT
