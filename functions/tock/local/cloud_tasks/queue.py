"""A queue's configuration and state, as the emulator stores them."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from tock.local.cloud_tasks.rate_limits import RateLimits
from tock.local.cloud_tasks.retry_policy import RetryPolicy


class QueueState(StrEnum):
    """Whether a queue dispatches tasks."""

    #: The queue dispatches due tasks; PauseQueue ends this state.
    RUNNING = "RUNNING"
    #: The queue accepts tasks but dispatches none, except those that RunTask forces; ResumeQueue ends this state.
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
    #: Stored and returned, but not used: the emulator logs every state change.
    log_sampling_ratio: float | None = None
