"""The proxy of the chaos: what passes when, and what a reset looks like from outside."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from chaos.proxy import DARK, FAIR, MUTE, Proxy, Weather
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio

#: How long nothing may come before a test believes that nothing will.
SILENCE = 0.3


@asynccontextmanager
async def an_echo(heard: list[bytes] | None = None) -> AsyncIterator[int]:
    """A server that answers with what it is asked, and its port."""

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
async def a_call(proxy: Proxy) -> AsyncIterator[SocketStream]:
    """A connection to the proxy."""
    with anyio.fail_after(TIMEOUT):
        stream = await anyio.connect_tcp("127.0.0.1", proxy.port)
        try:
            yield stream
        finally:
            await anyio.aclose_forcefully(stream)


async def _asked(stream: SocketStream, question: bytes) -> bytes:
    await stream.send(question)
    answer = b""
    while len(answer) < len(question):
        answer += await stream.receive()
    return answer


async def _is_silent(stream: SocketStream) -> bool:
    with anyio.move_on_after(SILENCE):
        await stream.receive()
        return False
    return True


async def test_in_fair_weather_everything_passes_in_order_and_so_does_the_end() -> None:
    question = bytes(range(256)) * 4096
    async with an_echo() as target:
        proxy = Proxy(targets=[target])
        async with proxy.serving(), a_call(proxy) as caller, anyio.create_task_group() as tasks:
            answer = b""
            tasks.start_soon(caller.send, question)
            while len(answer) < len(question):
                answer += await caller.receive()
            await caller.send_eof()

            with pytest.raises(anyio.EndOfStream):
                await caller.receive()

    assert answer == question


async def test_a_delay_befalls_questions_and_answers() -> None:
    async with an_echo() as target:
        proxy = Proxy(targets=[target], weather=Weather(delay=timedelta(seconds=0.2)))
        async with proxy.serving(), a_call(proxy) as caller:
            began = time.monotonic()

            assert await _asked(caller, b"late") == b"late"

            assert time.monotonic() - began >= 2 * 0.2


async def test_in_the_dark_calls_are_accepted_and_nothing_passes_until_it_is_over() -> None:
    heard: list[bytes] = []
    async with an_echo(heard) as target:
        proxy = Proxy(targets=[target])
        async with proxy.serving(), a_call(proxy) as before:
            assert await _asked(before, b"hello") == b"hello"
            proxy.turn(DARK)
            async with a_call(proxy) as during:
                await before.send(b"before")
                await during.send(b"during")

                assert await _is_silent(before)
                assert await _is_silent(during)
                assert heard == [b"hello"]

                proxy.turn(FAIR)
                assert await before.receive() == b"before"
                assert await during.receive() == b"during"


async def test_a_mute_server_hears_and_its_answers_are_kept_back() -> None:
    heard: list[bytes] = []
    async with an_echo(heard) as target:
        proxy = Proxy(targets=[target], weather=MUTE)
        async with proxy.serving(), a_call(proxy) as caller:
            await caller.send(b"do it")

            await until(lambda: heard == [b"do it"])
            assert await _is_silent(caller)


@pytest.mark.parametrize("weather", [FAIR, DARK, MUTE], ids=["fair", "dark", "mute"])
async def test_a_reset_breaks_every_connection_and_what_was_kept_back_never_comes(weather: Weather) -> None:
    heard: list[bytes] = []
    async with an_echo(heard) as target:
        proxy = Proxy(targets=[target])
        async with proxy.serving(), a_call(proxy) as one, a_call(proxy) as other:
            await _asked(one, b"1")
            await _asked(other, b"2")
            proxy.turn(weather)
            if weather is DARK:
                await one.send(b"never")
            assert proxy.connections == 2

            assert proxy.reset() == 2

            for caller in (one, other):
                with pytest.raises(anyio.BrokenResourceError) as broken:
                    await caller.receive()
                assert isinstance(broken.value.__cause__, ConnectionResetError)
            proxy.turn(FAIR)
            async with a_call(proxy) as later:
                assert await _asked(later, b"3") == b"3"
    assert heard == [b"1", b"2", b"3"]


async def test_callers_go_to_the_targets_in_turn_and_past_one_that_is_gone() -> None:
    first: list[bytes] = []
    second: list[bytes] = []
    async with an_echo(first) as one, an_echo(second) as two:
        async with an_echo() as gone:
            pass
        proxy = Proxy(targets=[one, gone, two])
        async with proxy.serving():
            for number in range(6):
                async with a_call(proxy) as caller:
                    await _asked(caller, b"%d" % number)

    assert (first, second) == ([b"0", b"3"], [b"1", b"2", b"4", b"5"])


async def test_a_caller_is_hung_up_on_when_no_target_is_there() -> None:
    async with an_echo() as gone:
        pass
    proxy = Proxy(targets=[gone])
    async with proxy.serving(), a_call(proxy) as caller:
        with pytest.raises((anyio.EndOfStream, anyio.BrokenResourceError)):
            await caller.receive()
