"""The outcomes of an attempt: succeeded, failed, timed out, cancelled or handed back."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Usage:
    """What an attempt consumed: tokens as counted by the model, cost in US dollars."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The agent did its work; `result` is any JSON value."""

    result: Any
    usage: Usage = field(default_factory=Usage)
    #: What was left out of what the agent gave, as sentences; an agent need not set it.
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed; `type` is a stable word (an exception's class name), `message` a sentence for a person."""

    type: str
    message: str
    retryable: bool
    #: How long the called service asked to wait before the next attempt; None if it did not say.
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The attempt was aborted at its timeout."""

    timeout: timedelta
    #: A sentence about what of the attempt could not be stopped, or nothing.
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The attempt was stopped because somebody asked for it."""

    reason: str
    #: As above.
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The attempt was stopped because its process was told to end; another instance makes the next attempt."""

    #: As above.
    note: str = ""


Outcome = Succeeded | Failed | TimedOut | Cancelled | HandedBack
