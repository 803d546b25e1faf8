"""Events: what happened in a run. Those that its agent reported are stored in chunks of many per document."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from tock.core.time.instant import Instant

#: The events of attempt n are numbered from n · this, so that two attempts never use the same number. The first number
#: says that the attempt started; the events that are stored follow it.
EVENTS_PER_ATTEMPT = 1_000_000
#: Its runner numbers them from 1. These two say how the attempt ended and what that led to (see `history`).
ENDED_FROM = 499_998
#: From this number on they are those that an agent elsewhere sent after the attempt, in the order of their numbers.
SENT_FROM = 500_000
#: The most events that agents elsewhere may send to one run.
MAX_SENT = 100_000
#: The last numbers of an attempt: those of the events that say what followed (see `history`).
RESERVED = 100


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
