"""The state of the scheduler itself: what the last tick did, for health and alarms."""

from pydantic import BaseModel, ConfigDict

from tock.core.time import Instant


class TickCounters(BaseModel):
    """What one tick did."""

    model_config = ConfigDict(frozen=True)

    #: Triggers found due.
    due: int = 0
    #: Runs recorded and to be started.
    claimed: int = 0
    #: Tasks handed to Cloud Tasks, those of the sweep included.
    enqueued: int = 0
    #: Triggers that another tick or an edit took first.
    skipped: int = 0
    #: Fire times let go, each with its record.
    missed: int = 0
    #: Runs that the sweep put back on their way or ended.
    rescued: int = 0
    #: Triggers disabled because they could not be read or planned.
    disabled: int = 0
    #: Effects that did not come about; each is repaired by a later tick.
    failed: int = 0
    #: Those of them that the queue did not take.
    refused: int = 0
    #: How long the oldest due trigger had been overdue, in seconds.
    lag: float = 0.0
    #: How long the tick took, in seconds.
    duration: float = 0.0
    #: Whether the tick stopped at its budget and left triggers to others.
    unfinished: bool = False


class SchedulerState(BaseModel):
    """The last tick, and how many in a row failed before it."""

    model_config = ConfigDict(frozen=True)

    last_tick: Instant
    last_success: Instant | None = None
    consecutive_failures: int = 0
    counters: TickCounters = TickCounters()
