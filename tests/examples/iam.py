"""What Cloud Run does in front of a service behind IAM: it checks the token, then hands the request on."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

_TOKEN = re.compile(rb"^authorization: bearer (\S+)\r$", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(rb"^content-length: (\d+)\r$", re.IGNORECASE | re.MULTILINE)
_FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def behind_iam(
    service: int, *, tls: ssl.SSLContext, admits: Callable[[str], Awaitable[bool]]
) -> AsyncIterator[int]:
    """Yield the port of 127.0.0.1 at which the service at the port `service` is reached with an admitted token."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        token = _TOKEN.search(head)
        admitted = token is not None and await admits(token[1].decode())
        writer.write(await _answer(service, head + body) if admitted else _FORBIDDEN)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _answer(service: int, request: bytes) -> bytes:
    """Return what the service answers, which closes the connection after it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer
