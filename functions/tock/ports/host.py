"""The contract of an attempt's host: what Tock does for an agent while it works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from tock.core.run.outcome import Usage, Workspace

# A plain agent's process imports this file, and must not import pydantic for it: what agents get is dataclasses.


@dataclass(frozen=True, slots=True)
class Message:
    """What a person tells a running agent."""

    #: Its number among the signals of the run, from 1.
    number: int
    #: `steer`, for the turn that is under way, or `follow_up`, for after it.
    kind: str
    message: str
    #: Who sent it, such as `user:ann@example.com`.
    by: str
    #: When it was sent, UTC.
    at: datetime


@dataclass(frozen=True, slots=True)
class PreviousFailure:
    """Why an earlier run failed: a stable word (an exception's class name) and a sentence."""

    type: str
    message: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Previous:
    """How earlier runs of a trigger ended: the last one's result that succeeded, the last one's error that did not."""

    result: Any = None
    failure: PreviousFailure | None = None


class Reports(Protocol):
    """Takes what an agent reports. Any thread may call the methods, which never raise and never wait."""

    def report(self, kind: Any, data: Any, *, replaced: bool) -> None:
        """Append an event of the agent; `replaced` says that something of the data was replaced already."""
        ...

    def log(self, text: str, *, level: str, stream: str | None = None) -> None:
        """Append a line that the agent printed or logged; it is no sign of work."""
        ...

    def notice(self, kind: str, data: Any) -> None:
        """Append an event of Tock's own, whose kind starts with `run.`; it is no sign of work."""
        ...

    def use(self, usage: Usage) -> None:
        """Add what the agent consumed."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether the agent must stop now."""
        ...


class AttemptHost(Reports, Protocol):
    """Takes what an agent reports, and does what it asks for.

    The coroutines belong to the event loop of the runner: an agent in another loop or process reaches them through its
    executor. They end without effect when the attempt no longer holds its lease; then the agent is being stopped.
    """

    def leave(self, workspace: Workspace) -> None:
        """Note what the attempt left in its git workspace, however it ended; the last call counts."""
        ...

    async def take_signals(self) -> Sequence[Message]:
        """Wait until the run has messages that no attempt has taken; mark them as taken, and return them in order.

        The mark is durable before they are returned, so each is returned at most once. What was marked when a call is
        cancelled, the next call returns.
        """
        ...

    async def checkpoint(self, state: Any) -> None:
        """Store a JSON value with the run, for the attempts after this one.

        Raises InvalidArgument, StoreUnavailable.
        """
        ...

    async def load_session(self) -> Any:
        """Return the state of the run's session that was saved last, any JSON value; None if there is none.

        Raises StoreUnavailable.
        """
        ...

    async def save_session(self, state: Any) -> None:
        """Store a JSON value of at most 3.6 MB as the state of the run's session.

        Raises InvalidArgument, SessionMoved (another run went on with the session meanwhile), StoreUnavailable.
        """
        ...

    async def previous(self) -> Previous:
        """Read how earlier runs of the trigger ended. Raises StoreUnavailable."""
        ...


class BlockingHost(Reports, Protocol):
    """The host of a plain agent: what a coroutine does for an async one, a method does that blocks its thread.

    The methods raise AttemptEnded once the attempt has ended.
    """

    def wait_for_messages(self, timeout: timedelta | None) -> Sequence[Message]:
        """Do as `take_signals`; return none if none has come after the timeout."""
        ...

    def save(self, state: Any) -> None:
        """Do as `checkpoint`."""
        ...

    def read_session(self) -> Any:
        """Do as `load_session`."""
        ...

    def write_session(self, state: Any) -> None:
        """Do as `save_session`."""
        ...

    def read_previous(self) -> Previous:
        """Do as `previous`."""
        ...
