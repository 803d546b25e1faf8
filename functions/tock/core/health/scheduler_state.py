"""The state of the scheduler itself: what the last tick did, which health checks and alarms read."""

from pydantic import BaseModel, ConfigDict

from tock.core.time.instant import Instant


class TickCounters(BaseModel):
    """What one tick did."""

    model_config = ConfigDict(frozen=True)

    #: Triggers found due.
    due: int = 0
    #: Queued runs that it created.
    claimed: int = 0
    #: Tasks that Cloud Tasks accepted, those of the sweep included.
    enqueued: int = 0
    #: Triggers and runs that another tick, an edit or a runner changed first.
    skipped: int = 0
    #: Fire times that it recorded as missed.
    missed: int = 0
    #: Runs that the sweep repaired: sent again, promoted, looked at again later, or ended.
    rescued: int = 0
    #: Triggers that it disabled because they could not be read or claimed.
    disabled: int = 0
    #: Claims, repairs, tasks and continuations that failed; a later tick repairs each.
    failed: int = 0
    #: The failed ones that the queue did not accept.
    refused: int = 0
    #: How long the oldest due trigger had been overdue, in seconds.
    lag: float = 0.0
    #: How long the tick took, in seconds.
    duration: float = 0.0
    #: Whether the tick stopped at its time budget and left due triggers to its continuations.
    unfinished: bool = False


class SchedulerState(BaseModel):
    """When the last tick began, when the last successful one did, and how many failed since."""

    model_config = ConfigDict(frozen=True)

    last_tick: Instant
    last_success: Instant | None = None
    consecutive_failures: int = 0
    counters: TickCounters = TickCounters()
