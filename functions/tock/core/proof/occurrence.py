"""An occurrence as the proof reports it: its fire time, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tock.core.run.run import Run
from tock.core.run.status import RunStatus


class OccurrenceStatus(StrEnum):
    """What became of an occurrence."""

    #: Its run started, whatever its outcome.
    FIRED = "fired"
    #: Its overlap policy skipped it because an earlier run was active.
    SKIPPED = "skipped"
    #: The catch-up policy dropped it, or a pause or a deletion did; its record says which.
    MISSED = "missed"
    #: It was cancelled before it started.
    CANCELLED = "cancelled"
    #: No attempt could be made: its agent was gone or disabled.
    REFUSED = "refused"
    #: Its run is on its way.
    IN_FLIGHT = "in_flight"
    #: No tick has claimed it yet; the next one does.
    DUE = "due"
    #: There is no record of it.
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An expected fire time and its status; `run` is the id of the run that records it, None without one."""

    fire_time: datetime
    status: OccurrenceStatus
    run: str | None = None


def occurrence_status(run: Run) -> OccurrenceStatus:
    """Return the status of the occurrences that a run's record stands for."""
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
