"""An HTTP server on 127.0.0.1 that sends the response of a test, byte for byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """One request that the server got."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """The server: its response, None for no response at all, and the requests that it got."""

    answer: bytes | None
    port: int = 0
    connections: int = 0
    requests: list[Request] = field(default_factory=list)
    received: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            line, *rows = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(row.lower().split(": ", 1)[:1] + row.split(": ", 1)[1:] for row in rows if row)
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Request(line, headers, body))
            self.received.set()
            if self.answer is not None:
                writer.write(self.answer)
                await writer.drain()
            else:
                await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.disconnected.set()
            writer.close()


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """Return a response with its content length; `retry_after="5"` becomes the header `retry-after: 5`."""
    rows = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", *rows, f"content-length: {len(body)}"])
    return head.encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def serving(answered: bytes | None, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answered)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()
