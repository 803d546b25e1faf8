"""The outcomes of an attempt: succeeded, failed, waiting, continued, timed out, cancelled or handed back."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

#: The most characters of a model's name.
MAX_MODEL = 200


class WaitFor(StrEnum):
    """Whose answer a run waits for."""

    #: A service that calls back with the run's token. Its body is the answer's value.
    CALLBACK = "callback"
    #: A person who approves or rejects.
    APPROVAL = "approval"
    #: A person who answers a question. What the person gives is the answer's value.
    INPUT = "input"


class OnDeadline(StrEnum):
    """What happens when nobody has answered at the deadline."""

    #: The run ends as timed out.
    FAIL = "fail"
    #: The next leg starts with a rejection.
    REJECT = "reject"
    #: The next leg starts with an answer that says that nobody answered.
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class Usage:
    """What an attempt consumed: tokens as counted by the model, cost in US dollars, and the model's name."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    model: str | None = None
    #: How many of the tokens the cost does not cover, because no price is known; Tock sets it, an agent does not.
    unpriced_tokens: int = 0

    @property
    def tokens(self) -> int:
        """All tokens, input and output."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "Usage") -> "Usage":
        """Return the sum; its model is the one that was named last."""
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=self.cost + other.cost,
            model=other.model or self.model,
            unpriced_tokens=self.unpriced_tokens + other.unpriced_tokens,
        )


@dataclass(frozen=True, slots=True)
class Workspace:
    """What an attempt left in its git workspace."""

    #: The repository's name in the deployment's configuration.
    repository: str
    branch: str
    #: The commit at the head of the workspace, in full; None if the workspace could not be read.
    commit: str | None
    #: The commit that the run began with, in full; None if it is not known.
    start_commit: str | None = None
    #: Whether there is work that no commit of the agent's holds.
    dirty: bool = False
    #: The first files, by their path in the repository, that differ from what the run began with.
    files: tuple[str, ...] = ()
    #: How many there are.
    changed: int = 0
    #: The ref of the remote that keeps all of it for a later run; None if it could not be kept.
    ref: str | None = None
    #: A sentence about work that was not committed, or that could not be kept.
    warning: str | None = None


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
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The agent's work goes on when somebody has answered; until then the run waits and costs no compute.

    The answer queues the next leg of the run: an attempt that finds the answer in `run.answer`.
    """

    wait_for: WaitFor
    #: What is asked, for the person who answers; a callback needs none.
    question: str = ""
    #: How long the run waits at most.
    deadline: timedelta = timedelta(days=1)
    on_deadline: OnDeadline = OnDeadline.FAIL
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Continue:
    """The agent asks for another leg of the run, such as before its timeout: an attempt that finds `run.state`."""

    #: How long after this leg the next one starts: at most 29 days.
    after: timedelta = timedelta()
    usage: Usage = field(default_factory=Usage)


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


#: The outcomes that an agent can give.
AgentOutcome = Succeeded | Failed | Waiting | Continue
Outcome = AgentOutcome | TimedOut | Cancelled | HandedBack
