"""The contract of an attempt's host: what Tock does for an agent while it works."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tock.core.run.outcome import Usage

if TYPE_CHECKING:
    # A worker process imports this file, and must not import pydantic for it.
    from tock.core.run.run import RunError
    from tock.core.run.signal import Signal


@dataclass(frozen=True, slots=True)
class Previous:
    """How earlier runs of a trigger ended: the result of the last that succeeded, the error of the last that failed."""

    result: Any = None
    failure: "RunError | None" = None


class AttemptHost(Protocol):
    """Takes what an agent reports, and does what it asks for.

    Any thread may call the plain methods, which never raise and never wait. The coroutines belong to the event loop of
    the runner: an agent in another loop or process reaches them through its executor. They end without effect when the
    attempt no longer holds its lease; then the agent is being stopped.
    """

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

    async def take_signals(self) -> "Sequence[Signal]":
        """Wait until the run has messages that no attempt has taken; mark them as taken, and return them in order.

        The mark is durable before they are returned, so each is returned at most once.
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
