"""A server of HTTP for tests: it answers each request with what is next in its list, or breaks the connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

#: In place of an answer.
BREAK = b""
_LINES_END = b"\r\n\r\n"
_LONGEST = 1 << 16


def answer(status: int, body: str = "{}") -> bytes:
    """Return an answer of HTTP."""
    length = f"content-length: {len(body)}\r\nconnection: close\r\ncontent-type: application/json"
    return f"HTTP/1.1 {status} X\r\n{length}\r\n\r\n{body}".encode()


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[str]:
    """Serve at the address that is given, until the block ends; the last answer is given again and again."""
    left = list(answers)

    async def serve(stream: SocketStream) -> None:
        async with stream:
            try:
                await _hear(BufferedByteReceiveStream(stream))
            except (anyio.IncompleteRead, anyio.BrokenResourceError):
                # Somebody came and asked nothing.
                return
            said = left.pop(0) if len(left) > 1 else left[0]
            if said != BREAK:
                await stream.send(said)

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, serve)
        yield f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}/"  # noqa: S610 - no Django here
        tasks.cancel_scope.cancel()


async def _hear(stream: BufferedByteReceiveStream) -> None:
    """Receive a whole request: what is left unread would turn the end of the connection into a reset."""
    lines = (await stream.receive_until(_LINES_END, _LONGEST)).decode().lower().split("\r\n")
    [length] = [int(line.removeprefix("content-length:")) for line in lines if line.startswith("content-length:")]
    await stream.receive_exactly(length)
