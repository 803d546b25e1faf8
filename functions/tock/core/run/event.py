"""Events: what an agent reported while it worked, stored in chunks of many events per document."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from tock.core.time import Instant

#: The events of attempt n are numbered from n · this, so that two attempts never use the same number.
EVENTS_PER_ATTEMPT = 1_000_000
#: Its runner numbers them from 1. From this number on they are those that an agent elsewhere sent after the attempt.
SENT_FROM = 500_000
#: The most events that agents elsewhere may send to one run.
MAX_SENT = 100_000


class Event(BaseModel):
    """One event; each event of a run has a larger `seq` than the one before it."""

    model_config = ConfigDict(frozen=True)

    seq: int
    at: Instant
    attempt: int
    kind: str
    data: Any = None
    truncated: bool = False


class Chunk(BaseModel):
    """Consecutive events of one attempt, stored as one document whose id is `first_seq`."""

    model_config = ConfigDict(frozen=True)

    project: str
    run: str
    first_seq: int
    last_seq: int
    events: tuple[Event, ...]
    expire_at: Instant
