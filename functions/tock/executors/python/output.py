"""Forwards what an agent's process prints to the log."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator

from tock.executors.shield import shielded
from tock.ports.executor import RunContext

#: The most bytes of a log record, well under Cloud Logging's 256 KiB per entry; a longer line is logged in pieces.
MAX_LINE = 64 * 1024
#: How long the last lines may take to arrive after the process has ended, in seconds.
_DRAIN = 1.0

_log = logging.getLogger("tock.agent")


@contextlib.asynccontextmanager
async def forwarded(context: RunContext, *, stream: str) -> AsyncIterator[int]:
    """Yield the file descriptor to print to; every line becomes a record of the logger `tock.agent`.

    A record carries run, attempt and stream (`stdout` or `stderr`). On leaving, the last lines may take one second at
    most: a process that left the agent's process group could hold the pipe open.
    """
    loop = asyncio.get_running_loop()
    source, sink = os.pipe()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(source, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    extra = {"run": context.run, "attempt": context.attempt, "stream": stream}
    forwarding = asyncio.create_task(_forward(reader, extra=extra))
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


async def _forward(reader: asyncio.StreamReader, *, extra: dict[str, object]) -> None:
    pending = b""
    while chunk := await reader.read(MAX_LINE):
        *lines, pending = (pending + chunk).split(b"\n")
        if len(pending) >= MAX_LINE:
            lines, pending = [*lines, pending], b""
        for text in lines:
            _record(text, extra=extra)
    if pending:
        _record(pending, extra=extra)


def _record(text: bytes, *, extra: dict[str, object]) -> None:
    for start in range(0, len(text) or 1, MAX_LINE):
        _log.info("%s", text[start : start + MAX_LINE].decode(errors="replace"), extra=extra)
