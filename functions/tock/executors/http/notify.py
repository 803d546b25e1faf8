"""Tells an agent elsewhere, at URLs of its own, what happens to its attempt: messages to it, and that it must stop."""

import asyncio

from tock.core.run.events.event_kind import EventKind
from tock.executors.http.connection import Connection, NotReached
from tock.executors.http.message import Post, cancel_message, steer_message
from tock.executors.messages import next_messages
from tock.ports.executor import RunContext
from tock.ports.host import Message

#: Seconds that an agent has to take a message, and to take the request to stop. Tock stops an attempt within 5 s.
STEER_TIMEOUT = 10.0
CANCEL_TIMEOUT = 2.0


async def steer(url: str, context: RunContext, *, connection: Connection) -> None:
    """Hand on each message to the run, in order, until cancelled; one that the agent does not take is a warning.

    Each is sent once, because it was marked as taken before.
    """
    while messages := await next_messages(context):
        for told in messages:
            await _hand_on(told, steer_message(url, context, told), context, connection=connection)


async def cancel(url: str, context: RunContext, *, connection: Connection) -> None:
    """Ask the agent to stop, within two seconds; if it does not take that, the run's events say so."""
    problem = await _problem(cancel_message(url, context), connection=connection, timeout=CANCEL_TIMEOUT)
    if problem is not None:
        context.host.notice(EventKind.WARNING, {"text": f"The agent was not told to stop: {problem}"})


async def _hand_on(told: Message, message: Post, context: RunContext, *, connection: Connection) -> None:
    problem = await _problem(message, connection=connection, timeout=STEER_TIMEOUT)
    if problem is not None:
        text = f"Message {told.number} did not reach the agent: {problem}"
        context.host.notice(EventKind.WARNING, {"text": text})


async def _problem(message: Post, *, connection: Connection, timeout: float) -> str | None:  # noqa: ASYNC109 - its error is a sentence
    """Send the message, and return why the agent did not take it; None if it answered 2xx."""
    try:
        async with asyncio.timeout(timeout), connection.answer(message) as response:
            status = int(response.status_code)
    except TimeoutError:
        return f"it did not answer within {timeout:g} s."
    except NotReached as exc:
        return str(exc)
    return None if 200 <= status < 300 else f"it answered {status}."  # noqa: PLR2004 the class of a status is its first digit (RFC 9110)
