"""The policies of a trigger: what happens on overlap, after an outage and after a failure."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tock.core.time import Duration, duration_text


class Overlap(StrEnum):
    """What becomes of a fire time that comes while an earlier run is active."""

    #: The new run is recorded as skipped.
    SKIP = "skip"
    #: The new run is held until the earlier one settles; beyond the queue's depth it is skipped.
    QUEUE = "queue"
    #: The new run starts beside the earlier one.
    PARALLEL = "parallel"
    #: The earlier run is cancelled; the new one starts when it has ended.
    REPLACE = "replace"


class CatchUpMode(StrEnum):
    """What becomes of fire times that nobody ticked in time."""

    #: Only the newest runs; the rest are recorded as missed.
    LATEST = "latest"
    #: Every one within the window runs, oldest first, a bounded number a tick.
    ALL = "all"
    #: None runs; all are recorded as missed.
    NONE = "none"


def _between(low: timedelta, high: timedelta) -> AfterValidator:
    def check(value: timedelta) -> timedelta:
        if not low <= value <= high:
            raise ValueError(
                f"{duration_text(value)} is out of range: from {duration_text(low)} to {duration_text(high)}"
            )
        return value

    return AfterValidator(check)


#: An attempt lasts at most 29 minutes: a Cloud Tasks delivery lasts 30 (Cloud Tasks, "Quotas and limits").
#: Cloud Tasks waits 30 minutes for an answer; the rest is for writing down how it ended.
LONGEST_TIMEOUT = timedelta(minutes=29)
Timeout = Annotated[Duration, _between(timedelta(seconds=1), LONGEST_TIMEOUT)]
RetryDelay = Annotated[Duration, _between(timedelta(seconds=1), timedelta(hours=1))]
Window = Annotated[Duration, _between(timedelta(minutes=1), timedelta(days=7))]


class CatchUp(BaseModel):
    """How far back, and which, late fire times still run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: CatchUpMode = CatchUpMode.LATEST
    window: Window = timedelta(hours=1)


class Retry(BaseModel):
    """How often, and after which first wait, a failed attempt is followed by another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_retries: int = Field(default=2, ge=0, le=10)
    delay: RetryDelay = timedelta(seconds=60)
