"""A signal as readers see it."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.run.messages.signal import Signal, SignalKind
from tock.core.time.instant import Instant


class SignalResource(BaseModel):
    """A message to a run, or a request to stop it."""

    model_config = ConfigDict(frozen=True)

    project: str
    run: str
    number: int = Field(description="Its place among the run's signals, from 1.")
    kind: SignalKind
    message: str
    by: str
    at: Instant
    taken_by: int | None = Field(description="The attempt that took it; null if none has.")

    @classmethod
    def of(cls, signal: Signal) -> "SignalResource":
        """Return the signal as readers see it: without the fingerprint of its request."""
        return cls.model_construct(**{field: getattr(signal, field) for field in cls.model_fields})
