"""Saves a conversation: for the next attempt or leg of its run, and for the runs that resume it."""

import asyncio
from contextlib import suppress

from pydantic_ai.messages import ModelRequest, ToolCallPart, ToolReturnPart
from pydantic_ai.run import AgentRun

from tock.core.errors import InvalidArgument, Unavailable
from tock.core.run.events.event_kind import EventKind
from tock.executors.llm.history import asked_last, has_calls_to_make, session_of, state_of
from tock.executors.sessions import keep_session
from tock.ports.executor import RunContext

#: How long saving the conversation of an attempt that was stopped may take; its servers end meanwhile.
SAVE_STOPPED = 2.0


async def save_step(run: AgentRun[None, object], request: ModelRequest, context: RunContext) -> None:
    """Save the conversation once tools have been called, so that an attempt after a lost one calls none of them again.

    What cannot be saved costs only that.
    """
    if any(isinstance(part, ToolReturnPart) for part in request.parts):
        with suppress(InvalidArgument, Unavailable):
            await context.checkpoint(state_of([*run.all_messages(), request], waiting=()))


async def save_waiting(run: AgentRun[None, object], context: RunContext, *, calls: list[ToolCallPart]) -> None:
    """Save the conversation with the calls that wait for an approval; raises InvalidArgument if it is too large.

    A run that is cancelled while it waits can be resumed, like any other.
    """
    await context.checkpoint(state_of(run.all_messages(), waiting=calls))
    await save_session(run, context)


async def save_session(run: AgentRun[None, object], context: RunContext) -> None:
    """Save the conversation for the runs that resume this one; if that cannot be, the run still has its result."""
    await keep_session(context, session_of(run.all_messages(), run=context.run))


async def save_unfinished(run: AgentRun[None, object], context: RunContext, *, stopped: bool) -> None:
    """Save the conversation of an attempt that failed or was stopped, once it has more than the attempt began with.

    The next attempt asks the last request again. A run that resumes this one goes on from what was said last.
    """
    messages = run.all_messages()
    if all(message.run_id != run.run_id for message in messages):
        return
    try:
        async with asyncio.timeout(SAVE_STOPPED if stopped else None):
            if not has_calls_to_make(messages):
                with suppress(InvalidArgument, Unavailable):
                    await context.checkpoint(state_of(asked_last(messages), waiting=()))
            await save_session(run, context)
    except TimeoutError:
        text = f"The attempt was stopped, and saving its conversation took longer than {SAVE_STOPPED:g} s."
        context.host.notice(EventKind.WARNING, {"text": text})
