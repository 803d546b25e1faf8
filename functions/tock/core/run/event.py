"""Events of a run: what its agent reported while it worked, in chunks of many per document."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from tock.core.time import Instant

#: The events of attempt n are numbered from n · this, so that no two runners ever share a number.
EVENTS_PER_ATTEMPT = 1_000_000
#: The most bytes of one event's data; what is longer is cut and marked.
LARGEST_EVENT = 16 * 1024


class Event(BaseModel):
    """One event; `seq` grows strictly within a run."""

    model_config = ConfigDict(frozen=True)

    seq: int
    at: Instant
    attempt: int
    kind: str
    data: Any = None
    truncated: bool = False


class Chunk(BaseModel):
    """Consecutive events of one attempt, stored as one document whose id is the first number."""

    model_config = ConfigDict(frozen=True)

    project: str
    run: str
    first_seq: int
    last_seq: int
    events: tuple[Event, ...]
    expire_at: Instant
