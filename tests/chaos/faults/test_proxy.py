"""The proxy: what passes under which conditions, and what a reset looks like to a client."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from chaos.faults.proxy import BLACKHOLE, NO_RESPONSES, NORMAL, Conditions, Proxy
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio

#: How many seconds without a byte count as silence.
SILENCE = 0.3


@asynccontextmanager
async def echo_server(heard: list[bytes] | None = None) -> AsyncIterator[int]:
    """Serve on a port, which is given, and send back whatever comes."""

    async def answer(stream: SocketStream) -> None:
        async with stream:
            async for piece in stream:
                if heard is not None:
                    heard.append(piece)
                await stream.send(piece)

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, answer)
        yield listener.extra(SocketAttribute.local_port)  # noqa: S610 - no Django here
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def connection_to(proxy: Proxy) -> AsyncIterator[SocketStream]:
    """A connection to the proxy."""
    with anyio.fail_after(TIMEOUT):
        stream = await anyio.connect_tcp("127.0.0.1", proxy.port)
        try:
            yield stream
        finally:
            await anyio.aclose_forcefully(stream)


async def _exchange(stream: SocketStream, request: bytes) -> bytes:
    await stream.send(request)
    answer = b""
    while len(answer) < len(request):
        answer += await stream.receive()
    return answer


async def _is_silent(stream: SocketStream) -> bool:
    with anyio.move_on_after(SILENCE):
        await stream.receive()
        return False
    return True


async def test_without_faults_everything_passes_in_order_and_so_does_the_end() -> None:
    request = bytes(range(256)) * 4096
    async with echo_server() as target:
        proxy = Proxy(targets=[target])
        async with proxy.serving(), connection_to(proxy) as caller, anyio.create_task_group() as tasks:
            answer = b""
            tasks.start_soon(caller.send, request)
            while len(answer) < len(request):
                answer += await caller.receive()
            await caller.send_eof()

            with pytest.raises(anyio.EndOfStream):
                await caller.receive()

    assert answer == request


async def test_requests_and_responses_are_delayed() -> None:
    async with echo_server() as target:
        proxy = Proxy(targets=[target], conditions=Conditions(delay=timedelta(seconds=0.2)))
        async with proxy.serving(), connection_to(proxy) as caller:
            began = time.monotonic()

            assert await _exchange(caller, b"late") == b"late"

            assert time.monotonic() - began >= 2 * 0.2


async def test_a_blackhole_accepts_connections_and_passes_nothing_until_it_ends() -> None:
    heard: list[bytes] = []
    async with echo_server(heard) as target:
        proxy = Proxy(targets=[target])
        async with proxy.serving(), connection_to(proxy) as before:
            assert await _exchange(before, b"hello") == b"hello"
            proxy.set_conditions(BLACKHOLE)
            async with connection_to(proxy) as during:
                await before.send(b"before")
                await during.send(b"during")

                assert await _is_silent(before)
                assert await _is_silent(during)
                assert heard == [b"hello"]

                proxy.set_conditions(NORMAL)
                assert await before.receive() == b"before"
                assert await during.receive() == b"during"


async def test_requests_arrive_while_responses_are_held_back() -> None:
    heard: list[bytes] = []
    async with echo_server(heard) as target:
        proxy = Proxy(targets=[target], conditions=NO_RESPONSES)
        async with proxy.serving(), connection_to(proxy) as caller:
            await caller.send(b"do it")

            await until(lambda: heard == [b"do it"])
            assert await _is_silent(caller)


@pytest.mark.parametrize("conditions", [NORMAL, BLACKHOLE, NO_RESPONSES], ids=["normal", "blackhole", "no responses"])
async def test_a_reset_breaks_every_connection_and_what_was_held_back_never_comes(conditions: Conditions) -> None:
    heard: list[bytes] = []
    async with echo_server(heard) as target:
        proxy = Proxy(targets=[target])
        async with proxy.serving(), connection_to(proxy) as one, connection_to(proxy) as other:
            await _exchange(one, b"1")
            await _exchange(other, b"2")
            proxy.set_conditions(conditions)
            if conditions is BLACKHOLE:
                await one.send(b"never")
            assert proxy.connections == 2

            assert proxy.reset() == 2

            for caller in (one, other):
                with pytest.raises(anyio.BrokenResourceError) as broken:
                    await caller.receive()
                assert isinstance(broken.value.__cause__, ConnectionResetError)
            proxy.set_conditions(NORMAL)
            async with connection_to(proxy) as later:
                assert await _exchange(later, b"3") == b"3"
    assert heard == [b"1", b"2", b"3"]


async def test_callers_go_to_the_targets_in_turn_and_past_one_that_is_gone() -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    async with echo_server(first) as one, echo_server(second) as two:
        async with echo_server() as gone:
            pass
        proxy = Proxy(targets=[one, gone, two])
        async with proxy.serving():
            for number in range(6):
                async with connection_to(proxy) as caller:
                    await _exchange(caller, b"%d" % number)

    assert (first, second) == ([b"0", b"3"], [b"1", b"2", b"4", b"5"])


async def test_a_connection_is_closed_when_no_target_is_there() -> None:
    async with echo_server() as gone:
        pass
    proxy = Proxy(targets=[gone])
    async with proxy.serving(), connection_to(proxy) as caller:
        with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
            await caller.receive()
