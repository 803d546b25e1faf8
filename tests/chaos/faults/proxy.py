"""A TCP proxy with network faults: it delays what passes, resets connections, or accepts them and passes nothing."""

import itertools
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
from anyio.abc import ByteReceiveStream, ByteStream, SocketAttribute, SocketStream

#: SO_LINGER with no time to linger: closing such a socket sends a reset instead of an end.
_RESET = struct.pack("ii", 1, 0)
_BROKEN = (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What happens to the bytes: each chunk is delayed by `delay`, and requests or responses may be held back."""

    delay: timedelta = timedelta()
    requests_pass: bool = True
    responses_pass: bool = True


NORMAL = Conditions()
#: Connections are accepted and nothing passes.
BLACKHOLE = Conditions(requests_pass=False, responses_pass=False)
#: Requests arrive, and their responses are held back.
NO_RESPONSES = Conditions(responses_pass=False)


@dataclass(slots=True)
class Proxy:
    """Forwards connections to its port of 127.0.0.1 to the `targets` in turn, each a port of 127.0.0.1.

    What `conditions` hold back passes later, once they allow it: no byte is lost unless its connection is.
    """

    targets: Sequence[int]
    port: int = 0
    conditions: Conditions = NORMAL
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _connections: set[tuple[anyio.CancelScope, SocketStream]] = field(default_factory=set)
    _turns: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen on `port` until the block ends; 0 is replaced by an unused port."""
        async with (
            await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=self.port) as listener,
            anyio.create_task_group() as tasks,
        ):
            self.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - no Django here
            tasks.start_soon(listener.serve, self._serve)
            yield
            tasks.cancel_scope.cancel()

    def set_conditions(self, conditions: Conditions) -> None:
        """Change the conditions, also for the connections that exist."""
        self.conditions = conditions
        self._changed.set()
        self._changed = anyio.Event()

    def reset(self) -> int:
        """Reset every connection and drop what it holds back; return how many there were."""
        broken = list(self._connections)
        for scope, caller in broken:
            _reset_on_close(caller)
            scope.cancel()
        return len(broken)

    async def _serve(self, caller: SocketStream) -> None:
        with anyio.CancelScope() as scope:
            entry = (scope, caller)
            self._connections.add(entry)
            try:
                if (target := await self._target()) is not None:
                    await self._connect(caller, target, scope=scope)
            finally:
                self._connections.discard(entry)
                await anyio.aclose_forcefully(caller)

    async def _target(self) -> SocketStream | None:
        """Return a connection to the next target that accepts one, or None."""
        first = next(self._turns)
        for step in range(len(self.targets)):
            try:
                return await anyio.connect_tcp("127.0.0.1", self.targets[(first + step) % len(self.targets)])
            except OSError:
                continue
        return None

    async def _connect(self, caller: SocketStream, target: SocketStream, *, scope: anyio.CancelScope) -> None:
        try:
            async with anyio.create_task_group() as tasks:

                async def forward(source: ByteReceiveStream, sink: ByteStream, *, requests: bool) -> None:
                    try:
                        await self._forward(source, sink, requests=requests)
                    except _BROKEN:
                        _reset_on_close(caller)
                        scope.cancel()

                tasks.start_soon(lambda: forward(caller, target, requests=True))
                tasks.start_soon(lambda: forward(target, caller, requests=False))
        finally:
            await anyio.aclose_forcefully(target)

    async def _forward(self, source: ByteReceiveStream, sink: ByteStream, *, requests: bool) -> None:
        async for chunk in source:
            if self.conditions.delay:
                await anyio.sleep(self.conditions.delay.total_seconds())
            await self._until_allowed(requests=requests)
            await sink.send(chunk)
        await self._until_allowed(requests=requests)
        await sink.send_eof()

    async def _until_allowed(self, *, requests: bool) -> None:
        """Return once the conditions let requests, or responses, pass."""
        while not (self.conditions.requests_pass if requests else self.conditions.responses_pass):
            await self._changed.wait()


def _reset_on_close(stream: SocketStream) -> None:
    # A race: the caller may have closed it.
    try:
        raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - as above
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    except (anyio.ClosedResourceError, OSError):
        return
