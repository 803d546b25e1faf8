"""The host of an attempt for a plain agent that a test runs in a thread: its methods block that thread."""

from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError
from datetime import timedelta
from typing import Any, TypeVar

from tock.core.errors import AttemptEnded
from tock.executors.host_until_end import HostUntilEnd
from tock.ports.host import Message, Previous

T = TypeVar("T")


class ThreadHost(HostUntilEnd):
    """Blocks until the agent has what it asks for; what it lacks when the attempt ends raises AttemptEnded."""

    def wait_for_messages(self, timeout: timedelta | None) -> Sequence[Message]:
        """Block until there are messages to the run; return none if none has come after the timeout."""
        try:
            return self._ask(self._host.take_signals, within=timeout)
        except TimeoutError:
            return ()

    def save(self, state: Any) -> None:
        """Store a JSON value with the run."""
        self._ask(lambda: self._host.checkpoint(state))

    def read_session(self) -> Any:
        """Return the state of the run's session."""
        return self._ask(self._host.load_session)

    def write_session(self, state: Any) -> None:
        """Store the state of the run's session."""
        self._ask(lambda: self._host.save_session(state))

    def read_previous(self) -> Previous:
        """Read how earlier runs of the trigger ended."""
        return self._ask(self._host.previous)

    def _ask(self, ask: Callable[[], Coroutine[Any, Any, T]], *, within: timedelta | None = None) -> T:
        """Return the answer. Raises AttemptEnded, and TimeoutError if there is none within this time."""
        question = self._asked_at_home(ask)
        try:
            return question.result(None if within is None else within.total_seconds())
        except TimeoutError:
            # The host gives what comes meanwhile to the next call.
            question.cancel()
            raise
        except CancelledError:
            raise AttemptEnded from None
