"""An occurrence as the proof reports it: its fire time, its status and the run that records it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tock.core.run.run import Run
from tock.core.run.status import RunStatus


class OccurrenceStatus(StrEnum):
    """The status of an occurrence in a proof."""

    #: Its run started, whatever its outcome.
    FIRED = "fired"
    #: Its overlap policy skipped it because an earlier run was active.
    SKIPPED = "skipped"
    #: The catch-up policy dropped it, or a pause or a deletion did; its record says which.
    MISSED = "missed"
    #: Its run was cancelled before it started.
    CANCELLED = "cancelled"
    #: Its run failed without an attempt: its agent was missing, disabled or had no executor.
    REFUSED = "refused"
    #: Its run is held or queued and has not started yet.
    IN_FLIGHT = "in_flight"
    #: No tick has claimed it yet; the next one does.
    DUE = "due"
    #: It has a record that cannot be read.
    UNREADABLE = "unreadable"
    #: It has no record.
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An expected fire time and its status; `run` is the id of the run that records it, or None."""

    fire_time: datetime
    status: OccurrenceStatus
    run: str | None = None


def occurrence_status(run: Run) -> OccurrenceStatus:
    """Return the status of the occurrences that this run records."""
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
