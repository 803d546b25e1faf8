"""The conversation of a command: what it saved for the runs that resume its run."""

from typing import Any

from tock.core.errors import InvalidArgument, SessionMoved, StoreUnavailable
from tock.core.run.events.event_kind import EventKind
from tock.ports.executor import RunContext

#: Where the program's own state is in the session's.
_OWN = "program"


async def begin_conversation(context: RunContext, *, resumable: bool) -> Any:
    """Return what the program saved last in this conversation, by this run or one before; None if it is new.

    A run with a workspace is `resumable` from its start, whether or not its program saves anything.
    """
    if context.session is None:
        return None
    try:
        saved = await context.load_session()
        if resumable:
            await context.save_session(saved if isinstance(saved, dict) else {_OWN: None})
    except (InvalidArgument, SessionMoved, StoreUnavailable) as exc:
        context.host.notice(EventKind.WARNING, {"text": f"This run cannot be resumed: {exc}"})
        return None
    return saved.get(_OWN) if isinstance(saved, dict) else None


async def save_conversation(context: RunContext, state: Any) -> None:
    """Save what the program goes on with when its run is resumed; what cannot be saved is a warning."""
    try:
        await context.save_session({_OWN: state})
    except (InvalidArgument, SessionMoved, StoreUnavailable) as exc:
        context.host.notice(EventKind.WARNING, {"text": f"The session was not saved: {exc}"})
