"""Forwards what an agent's process prints to the log."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tock.executors.shield import shielded
from tock.ports.executor import RunContext

#: The most bytes of a log record, well under Cloud Logging's 256 KiB per entry; a longer line is logged in pieces.
MAX_LINE = 64 * 1024
#: The most bytes that are logged of what the process of one attempt prints, both streams together.
MAX_OUTPUT = 10 * 1024 * 1024
#: How long the last lines may take to arrive after the process has ended, in seconds.
_DRAIN = 1.0

_log = logging.getLogger("tock.agent")


@dataclass(slots=True)
class Allowance:
    """How many bytes the process of one attempt may still print; its streams share it."""

    left: int = MAX_OUTPUT
    #: Whether the log says that it was used up.
    marked: bool = False


@contextlib.asynccontextmanager
async def forwarded(context: RunContext, *, stream: str, allowance: Allowance) -> AsyncIterator[int]:
    """Yield the file descriptor to print to; every line becomes a record of the logger `tock.agent`.

    A record carries run, attempt and stream (`stdout` or `stderr`). Once the allowance is used up, one record says so,
    and the rest is read and dropped: the process is never held up by what it prints. On leaving, the last lines may
    take one second at most: a process that could not be killed may hold the pipe open.
    """
    loop = asyncio.get_running_loop()
    source, sink = os.pipe()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(source, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    extra = {"run": context.run, "attempt": context.attempt, "stream": stream}
    forwarding = asyncio.create_task(_forward(reader, allowance=allowance, extra=extra))
    try:
        yield sink
    finally:
        os.close(sink)
        try:
            await shielded(_last_lines(forwarding))
        finally:
            transport.close()


async def _last_lines(forwarding: asyncio.Task[None]) -> None:
    await asyncio.wait({forwarding}, timeout=_DRAIN)
    forwarding.cancel()


async def _forward(reader: asyncio.StreamReader, *, allowance: Allowance, extra: dict[str, object]) -> None:
    pending = b""
    while chunk := await reader.read(MAX_LINE):
        kept = chunk[: allowance.left]
        allowance.left -= len(kept)
        *lines, pending = (pending + kept).split(b"\n")
        if len(pending) >= MAX_LINE or len(kept) < len(chunk):
            lines, pending = [*lines, *filter(None, [pending])], b""
        for text in lines:
            _record(text, extra=extra)
        if len(kept) < len(chunk) and not allowance.marked:
            allowance.marked = True
            _log.warning("agent_output_truncated", extra={**extra, "limit": MAX_OUTPUT})
    if pending:
        _record(pending, extra=extra)


def _record(text: bytes, *, extra: dict[str, object]) -> None:
    for start in range(0, len(text) or 1, MAX_LINE):
        _log.info("%s", text[start : start + MAX_LINE].decode(errors="replace"), extra=extra)
