"""Signals: what people tell a running agent, each delivered at most once."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from tock.core.time.instant import Instant


class SignalKind(StrEnum):
    """What a signal asks of the agent."""

    #: Take the message into the turn that is under way.
    STEER = "steer"
    #: Take the message after the turn that is under way.
    FOLLOW_UP = "follow_up"
    #: Stop. The request itself stands on the run; this only lets its runner hear of it at once.
    CANCEL = "cancel"


class Signal(BaseModel):
    """One signal of a run; signals are numbered from 1 and delivered in this order."""

    model_config = ConfigDict(frozen=True)

    project: str
    run: str
    number: int
    kind: SignalKind
    message: str = ""
    by: str
    at: Instant
    #: The fingerprint of the request that sent it: the same request sends it once.
    request: str
    #: The attempt that took it; None if none has. The mark is written before the agent sees the signal.
    taken_by: int | None = None
    #: When Firestore may delete it.
    expire_at: Instant
