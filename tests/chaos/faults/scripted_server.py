"""An HTTP server that answers each request with the next response of a list, or closes the connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

#: In the place of a response: close the connection.
DISCONNECT = b""
_LINES_END = b"\r\n\r\n"
_LONGEST = 1 << 16


def answer(status: int, body: str = "{}") -> bytes:
    """Return an HTTP response."""
    length = f"content-length: {len(body)}\r\nconnection: close\r\ncontent-type: application/json"
    return f"HTTP/1.1 {status} X\r\n{length}\r\n\r\n{body}".encode()


@asynccontextmanager
async def serving(*answers: bytes) -> AsyncIterator[str]:
    """Serve until the block ends, at the URL that is given. The last response answers all further requests, too."""
    left = list(answers)

    async def serve(stream: SocketStream) -> None:
        async with stream:
            try:
                await _receive(BufferedByteReceiveStream(stream))
            except (anyio.IncompleteRead, anyio.BrokenResourceError):
                # A connection without a request.
                return
            response = left.pop(0) if len(left) > 1 else left[0]
            if response != DISCONNECT:
                await stream.send(response)

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, serve)
        yield f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}/"  # noqa: S610 - no Django here
        tasks.cancel_scope.cancel()


async def _receive(stream: BufferedByteReceiveStream) -> None:
    """Receive a whole request: closing a connection with unread bytes would reset it."""
    lines = (await stream.receive_until(_LINES_END, _LONGEST)).decode().lower().split("\r\n")
    [length] = [int(line.removeprefix("content-length:")) for line in lines if line.startswith("content-length:")]
    await stream.receive_exactly(length)
