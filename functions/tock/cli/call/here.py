"""When and where a command is called: by the clock of the stack that it asks, and in the time zone that is given."""

from typing import TYPE_CHECKING

import typer

from tock.bootstrap.system_clock import SystemClock
from tock.cli.call.options import globals_of
from tock.cli.input.when import Here, zone_of

if TYPE_CHECKING:
    # Few stacks have one.
    from tock.bootstrap.moved_clock import MovedClock


def here_of(context: typer.Context) -> Here:
    """Return when and where this call is made: now by the clock of the server that it asks. Raises CommandError.

    Only a local stack may have another clock than this machine; its folder tells it, so that no request is needed.
    """
    clock = stack_clock(context) or SystemClock()
    return Here(now=clock.now(), zone=zone_of(globals_of(context).zone, option="--zone (TOCK_ZONE)"))


def stack_clock(context: typer.Context) -> "MovedClock | None":
    """Return the clock of the stack that this call asks; None if that goes by the machine's."""
    from tock.client.local_stack import StackFileDamaged, find_local_stack  # noqa: PLC0415 - some ask no server

    try:
        stack = find_local_stack()
    except StackFileDamaged:
        # The client says so, if this call needs one.
        return None
    if stack is None or stack.clock is None or not _asks(stack.api, context):
        return None
    from tock.bootstrap.moved_clock import MovedClock  # noqa: PLC0415 - as above

    try:
        return MovedClock.shared(stack.clock)
    except (OSError, ValueError):
        # The file is gone, or too short: the stack does not run any more.
        return None


def _asks(server: str, context: typer.Context) -> bool:
    from tock.client.errors import TockClientError  # noqa: PLC0415 - some commands ask no server

    try:
        return globals_of(context).connection().server == server.rstrip("/")
    except TockClientError:
        # As above: its client says what is wrong.
        return False
