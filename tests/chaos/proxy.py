"""A TCP proxy with weather: it delays what passes, resets connections, or accepts and passes nothing."""

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
class Weather:
    """What befalls the bytes on their way: each piece waits `delay`, and questions or answers are kept back."""

    delay: timedelta = timedelta()
    questions_pass: bool = True
    answers_pass: bool = True


FAIR = Weather()
#: Accepts everything and passes nothing.
DARK = Weather(questions_pass=False, answers_pass=False)
#: Whatever is asked happens, and nobody is told.
MUTE = Weather(answers_pass=False)


@dataclass(slots=True)
class Proxy:
    """Connects whoever calls its port of 127.0.0.1 with one of `targets` in turn, each a port of 127.0.0.1.

    What `weather` keeps back passes, late, once the weather allows it: not a byte is lost unless the connection is.
    """

    targets: Sequence[int]
    port: int = 0
    weather: Weather = FAIR
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _connections: set[tuple[anyio.CancelScope, SocketStream]] = field(default_factory=set)
    _turns: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def connections(self) -> int:
        """How many callers are connected."""
        return len(self._connections)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen until the block ends; `port` says where."""
        async with (
            await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=self.port) as listener,
            anyio.create_task_group() as tasks,
        ):
            self.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - no Django here
            tasks.start_soon(listener.serve, self._serve)
            yield
            tasks.cancel_scope.cancel()

    def turn(self, weather: Weather) -> None:
        """Change the weather, also for the connections there are."""
        self.weather = weather
        self._changed.set()
        self._changed = anyio.Event()

    def reset(self) -> int:
        """Break every connection with a reset, together with what it holds; return how many there were."""
        broken = list(self._connections)
        for scope, caller in broken:
            _linger_not(caller)
            scope.cancel()
        return len(broken)

    async def _serve(self, caller: SocketStream) -> None:
        with anyio.CancelScope() as scope:
            entry = (scope, caller)
            self._connections.add(entry)
            try:
                if (target := await self._target()) is not None:
                    await self._join(caller, target, scope=scope)
            finally:
                self._connections.discard(entry)
                await anyio.aclose_forcefully(caller)

    async def _target(self) -> SocketStream | None:
        """Return a connection with the next target that takes one, or None."""
        first = next(self._turns)
        for step in range(len(self.targets)):
            try:
                return await anyio.connect_tcp("127.0.0.1", self.targets[(first + step) % len(self.targets)])
            except OSError:
                continue
        return None

    async def _join(self, caller: SocketStream, target: SocketStream, *, scope: anyio.CancelScope) -> None:
        try:
            async with anyio.create_task_group() as tasks:

                async def pass_on(source: ByteReceiveStream, sink: ByteStream, *, questions: bool) -> None:
                    try:
                        await self._pass(source, sink, questions=questions)
                    except _BROKEN:
                        _linger_not(caller)
                        scope.cancel()

                tasks.start_soon(lambda: pass_on(caller, target, questions=True))
                tasks.start_soon(lambda: pass_on(target, caller, questions=False))
        finally:
            await anyio.aclose_forcefully(target)

    async def _pass(self, source: ByteReceiveStream, sink: ByteStream, *, questions: bool) -> None:
        async for piece in source:
            if self.weather.delay:
                await anyio.sleep(self.weather.delay.total_seconds())
            await self._until(questions=questions)
            await sink.send(piece)
        await self._until(questions=questions)
        await sink.send_eof()

    async def _until(self, *, questions: bool) -> None:
        """Return once the weather lets questions, or answers, pass."""
        while not (self.weather.questions_pass if questions else self.weather.answers_pass):
            await self._changed.wait()


def _linger_not(stream: SocketStream) -> None:
    # A race: the caller may have closed it.
    try:
        raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - as above
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    except (anyio.ClosedResourceError, OSError):
        return
