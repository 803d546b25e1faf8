"""What a command reads on its stdin: the run in the first line, then each message as a line."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tock.executors.described_run import described_run
from tock.executors.messages import next_messages
from tock.ports.executor import RunContext
from tock.ports.host import Message


def first_line(context: RunContext, *, conversation: Any, previous: dict[str, Any] | None) -> dict[str, Any]:
    """Return the run as a command is told about it."""
    answer = context.answer
    given = None
    if answer is not None:
        given = {"approved": answer.approved, "note": answer.note, "by": answer.by, "at": answer.at.isoformat()}
        given |= {"value": answer.value, "failed_since": answer.failed_since}
    return {
        **described_run(context, previous=previous),
        "session": context.session,
        "conversation": conversation,
        "resumed_from": context.resumed_from,
        "state": context.state,
        "answer": given,
        "callback": None if context.callback is None else asdict(context.callback),
    }


async def steer(stdin: asyncio.StreamWriter, *, told: dict[str, Any], context: RunContext) -> None:
    """Write the run as `told`, then every message to it, until the command closes its stdin: the rest stays untaken."""
    closed = asyncio.create_task(_closing(stdin))
    try:
        with contextlib.suppress(ConnectionError):
            await _write(stdin, told)
            while messages := await _next(context, closed=closed):
                for message in messages:
                    said = {"number": message.number, "message": message.message, "by": message.by}
                    await _write(stdin, {"signal": message.kind, **said})
    finally:
        closed.cancel()


async def _next(context: RunContext, *, closed: asyncio.Task[None]) -> Sequence[Message]:
    """Return the next messages; none if the command has closed its stdin, or the attempt is over."""
    asking = asyncio.create_task(next_messages(context))
    try:
        await asyncio.wait({asking, closed}, return_when=asyncio.FIRST_COMPLETED)
        return asking.result() if asking.done() else ()
    finally:
        asking.cancel()


async def _closing(stdin: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        await stdin.wait_closed()


async def _write(stdin: asyncio.StreamWriter, value: dict[str, Any]) -> None:
    stdin.write(json.dumps(value).encode() + b"\n")
    await stdin.drain()
