"""Reads what an agent's process prints."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

from tock.executors.python.agent_output import MAX_LINE, AgentOutput
from tock.executors.shield import shielded

#: How long the last lines may take to arrive after the process has ended, in seconds.
_DRAIN = 1.0


@contextlib.asynccontextmanager
async def forwarded(output: AgentOutput, *, stream: str) -> AsyncIterator[int]:
    """Yield the file descriptor to print to as `stdout` or `stderr`; what is printed becomes output of the attempt.

    Everything is read, also what is dropped: the process is never held up by what it prints. On leaving, the last lines
    may take one second at most: a process that could not be killed may hold the pipe open.
    """
    loop = asyncio.get_running_loop()
    source, sink = os.pipe()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(source, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    forwarding = asyncio.create_task(_forward(reader, output=output, stream=stream))
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


async def _forward(reader: asyncio.StreamReader, *, output: AgentOutput, stream: str) -> None:
    while chunk := await reader.read(MAX_LINE):
        output.write(chunk, stream=stream)
