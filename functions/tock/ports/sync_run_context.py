"""The run as a plain agent gets it: what an async agent awaits blocks here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tock.core.errors import InvalidArgument
from tock.ports.executor import AnyRunContext
from tock.ports.host import BlockingHost, Message, Previous


@dataclass(frozen=True, slots=True)
class SyncRunContext(AnyRunContext):
    """The values and methods of a RunContext, for an agent that is a plain function. Any thread may call the methods.

    A method that blocks is interrupted, with SystemExit, when the attempt is stopped.
    """

    host: BlockingHost = field(repr=False)

    def messages(self, timeout: timedelta | None = None) -> Sequence[Message]:
        """Block until there are messages to this run, and return them: steers and follow-ups, in their order.

        Each is delivered once, to one attempt. With a timeout, return none if none has come by then.
        """
        if timeout is not None and not isinstance(timeout, timedelta):
            raise InvalidArgument(field="timeout", value=timeout, remedy="give a timedelta, or None to wait on")
        return self.host.wait_for_messages(timeout)

    def checkpoint(self, state: Any) -> None:
        """Save a JSON value of at most 256 KiB for the attempts and legs after this one, in `state`.

        It is stored when this returns. Raises InvalidArgument for a value that is not JSON or is too large, and
        StoreUnavailable.
        """
        self.host.save(state)

    def load_session(self) -> Any:
        """Return what the conversation was when it was saved last, by this run or one before; None if it is new."""
        return self.host.read_session()

    def save_session(self, state: Any) -> None:
        """Save the conversation, a JSON value of at most 3.6 MB, for the runs that resume this one.

        Raises InvalidArgument for a value that is not JSON or is too large, SessionMoved if another run saved it.
        """
        self.host.write_session(state)

    def previous(self) -> Previous:
        """Return the last result and the last failure of this run's trigger; both None without a trigger."""
        return self.host.read_previous()
