"""A queue's configuration and state, as the emulator keeps it."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from tock.local.cloud_tasks.rate_limits import RateLimits
from tock.local.cloud_tasks.retry_policy import RetryPolicy


class QueueState(StrEnum):
    """Whether a queue dispatches."""

    #: Dispatches what is due; PauseQueue moves it out.
    RUNNING = "RUNNING"
    #: Takes tasks and dispatches none, except those that RunTask forces; ResumeQueue moves it out.
    PAUSED = "PAUSED"


class Queue(BaseModel):
    """A queue, without its tasks."""

    model_config = ConfigDict(frozen=True)

    name: str
    retry: RetryPolicy = RetryPolicy()
    rates: RateLimits = RateLimits()
    state: QueueState = QueueState.RUNNING
    #: When the queue was last purged, if ever.
    purge_time: datetime | None = None
    #: Kept and given back; the emulator logs every state change.
    log_sampling_ratio: float | None = None
