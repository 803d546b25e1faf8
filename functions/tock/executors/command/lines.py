"""Splits what a program prints into lines."""

import asyncio
from collections.abc import AsyncIterator

#: The most bytes of a line; a longer one comes in pieces. It holds the largest result, six times over for its escapes.
MAX_LINE = 6 * 256 * 1024 + 64 * 1024
_CHUNK = 64 * 1024


async def lines(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """Yield each line without its end, whatever its bytes are, until the stream ends."""
    pending = b""
    while chunk := await reader.read(_CHUNK):
        pending += chunk
        *whole, rest = pending.split(b"\n")
        for line in whole:
            yield _text(line)
        while len(rest) > MAX_LINE:
            yield _text(rest[:MAX_LINE])
            rest = rest[MAX_LINE:]
        pending = rest
    if pending:
        yield _text(pending)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").removesuffix("\r")
