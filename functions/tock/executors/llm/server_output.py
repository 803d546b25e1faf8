"""What an MCP server's process writes on its standard error becomes lines of the run's log."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TextIO

from tock.ports.executor import RunContext

#: The longest line that is kept whole, in bytes.
_LINE = 4_096


@asynccontextmanager
async def server_output(context: RunContext) -> AsyncIterator[TextIO]:
    """Yield a file for a child process to write to; each of its lines is logged."""
    reading, writing = os.pipe()
    reader = asyncio.StreamReader(limit=_LINE)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
    )
    logging = asyncio.create_task(_log_lines(reader, context))
    try:
        with os.fdopen(writing, "w") as file:
            yield file
    finally:
        # A grandchild may keep the other end open, so its end is not waited for.
        transport.close()
        logging.cancel()


async def _log_lines(reader: asyncio.StreamReader, context: RunContext) -> None:
    while True:
        try:
            line = await reader.readuntil()
        except asyncio.LimitOverrunError:
            line = await reader.read(_LINE)
        except asyncio.IncompleteReadError as exc:
            if not exc.partial:
                return
            line = exc.partial
        if text := line.decode(errors="replace").rstrip():
            context.host.log(text, level="info", stream="stderr")
