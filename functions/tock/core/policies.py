"""The policies of a trigger: overlap, catch-up, session and retry, with the limits of their durations."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from tock.core.fields.later import LATER
from tock.core.fields.types import WholeNumber
from tock.core.time.duration import Duration, duration_schema, duration_text


class Overlap(StrEnum):
    """What happens to a fire time that comes while an earlier run is active."""

    #: The new run is recorded as skipped.
    SKIP = "skip"
    #: The new run is held until the earlier one settles; it is skipped when `queue_depth` runs wait already.
    QUEUE = "queue"
    #: The new run starts beside the earlier one.
    PARALLEL = "parallel"
    #: The earlier run is cancelled; the new one starts when it has ended.
    REPLACE = "replace"


class CatchUpMode(StrEnum):
    """What happens to fire times that no tick claimed in time."""

    #: Only the newest runs, if it is within the window; the others are recorded as missed.
    LATEST = "latest"
    #: All within the window run, oldest first, a limited number each tick; older ones are recorded as missed.
    ALL = "all"
    #: All are recorded as missed, except that the newest runs if it is at most 60 s late.
    NONE = "none"


class SessionMode(StrEnum):
    """Which conversation the runs of a trigger's fire times have."""

    #: Each begins one of its own.
    NEW = "new"
    #: Each goes on with the conversation of the run before it, so that only one of them works at once.
    CONTINUE = "continue"


def _between(low: timedelta, high: timedelta) -> AfterValidator:
    def check(value: timedelta) -> timedelta:
        if not low <= value <= high:
            raise ValueError(
                f"{duration_text(value)} is out of range: from {duration_text(low)} to {duration_text(high)}"
            )
        return value

    return AfterValidator(check)


#: An attempt lasts at most 29 minutes: Cloud Tasks waits 30 minutes for an answer (Cloud Tasks, "Quotas and limits"),
#: and the last minute is for settling it.
LONGEST_TIMEOUT = timedelta(minutes=29)
_SHORTEST, _LONGEST_DELAY = timedelta(seconds=1), timedelta(hours=1)
_SHORTEST_WINDOW, _LONGEST_WINDOW = timedelta(minutes=1), timedelta(days=7)
Timeout = Annotated[
    Duration,
    _between(_SHORTEST, LONGEST_TIMEOUT),
    WithJsonSchema(duration_schema(minimum=_SHORTEST, maximum=LONGEST_TIMEOUT)),
]
RetryDelay = Annotated[
    Duration,
    _between(_SHORTEST, _LONGEST_DELAY),
    WithJsonSchema(duration_schema(minimum=_SHORTEST, maximum=_LONGEST_DELAY)),
]
Window = Annotated[
    Duration,
    _between(_SHORTEST_WINDOW, _LONGEST_WINDOW),
    WithJsonSchema(duration_schema(minimum=_SHORTEST_WINDOW, maximum=_LONGEST_WINDOW)),
]
StartDeadline = Annotated[
    Duration,
    _between(_SHORTEST, _LONGEST_WINDOW),
    WithJsonSchema(duration_schema(minimum=_SHORTEST, maximum=_LONGEST_WINDOW)),
]


_MOST_OFTEN = timedelta(seconds=5)
ProgressEvery = Annotated[
    Duration,
    _between(_MOST_OFTEN, LONGEST_TIMEOUT),
    WithJsonSchema(duration_schema(minimum=_MOST_OFTEN, maximum=LONGEST_TIMEOUT)),
]


class CatchUp(BaseModel):
    """The catch-up policy: which late fire times run, and how late they may be (`window`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: CatchUpMode = CatchUpMode.LATEST
    window: Window = timedelta(hours=1)


class Retry(BaseModel):
    """The retry policy: how many attempts may follow failed ones, the wait before the first, and what ends it early."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_retries: WholeNumber = Field(default=2, ge=0, le=10)
    delay: RetryDelay = timedelta(seconds=60)
    give_up_at_next: Annotated[bool, LATER] = Field(
        default=False,
        strict=True,
        description="Whether a run that waits for its retry ends when the next occurrence starts.",
    )
