"""Saves the conversation of a run for the runs that resume it."""

from typing import Any

from tock.core.errors import InvalidArgument, SessionMoved, Unavailable
from tock.core.run.events.event_kind import EventKind
from tock.ports.executor import RunContext


async def keep_session(context: RunContext, state: Any) -> None:
    """Save the conversation, if the run has one; what cannot be saved costs no result and is a warning."""
    if context.session is None:
        return
    try:
        await context.save_session(state)
    except (InvalidArgument, SessionMoved, Unavailable) as exc:
        context.host.notice(EventKind.WARNING, {"text": f"This run cannot be resumed: {exc}"})
