"""What an agent elsewhere is told while its attempt is at work: messages to it, and that it must stop."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from standardwebhooks import Webhook

from executors.http.http_calls import NOON, SECRET, executor, real_now
from executors.http.http_server import Server, answer, serving
from executors.recorder import Recorder
from tock.core.run.outcome import Succeeded
from tock.executors.http import notify
from tock.ports.executor import RunContext
from tock.ports.host import Message
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
TAKEN = answer("204 No Content")


def message(number: int, text: str = "left") -> Message:
    return Message(number, "steer", text, "key:ada", NOON)


@asynccontextmanager
async def attempt(context: RunContext, **config: Any) -> AsyncIterator[tuple[asyncio.Task[Any], Server]]:
    """Run an attempt of an agent that works until its connection is closed."""
    async with serving(None) as agent:
        given = {"url": f"http://127.0.0.1:{agent.port}/", "secret": "acme/DIGEST", **config}
        task = asyncio.create_task(executor(now=real_now).execute(given, context))
        async with asyncio.timeout(TIMEOUT):
            await agent.received.wait()
        try:
            yield task, agent
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_messages_are_handed_on_signed_and_in_order(context: RunContext, recorder: Recorder) -> None:
    async with serving(TAKEN) as steered:
        headers = {"x-team": "news"}
        async with attempt(context, steer_url=f"http://127.0.0.1:{steered.port}/steer", headers=headers):
            recorder.signals.put_nowait(message(1, "left"))
            recorder.signals.put_nowait(message(2, "right"))
            await until(lambda: len(steered.requests) == 2)

    first, second = steered.requests
    assert first.line == "POST /steer HTTP/1.1"
    assert (first.headers["webhook-id"], second.headers["webhook-id"]) == ("run-1.2.signal.1", "run-1.2.signal.2")
    assert (first.headers["x-team"], first.headers["idempotency-key"]) == ("news", "run-1.2.signal.1")
    assert Webhook(SECRET).verify(first.body, first.headers) == {
        "project": "acme",
        "run": "run-1",
        "attempt": 2,
        "agent": "digest",
        "signal": {"number": 1, "kind": "steer", "message": "left", "by": "key:ada", "at": "2027-03-28T12:00:00Z"},
    }
    assert json.loads(second.body)["signal"]["message"] == "right"
    assert recorder.notices == []


async def test_a_message_that_the_agent_does_not_take_is_a_warning_and_the_next_one_follows(
    context: RunContext, recorder: Recorder
) -> None:
    async with (
        serving(answer("307 Temporary Redirect", location="http://127.0.0.1:1/")) as steered,
        attempt(context, steer_url=f"http://127.0.0.1:{steered.port}/") as (task, _),
    ):
        recorder.signals.put_nowait(message(1))
        recorder.signals.put_nowait(message(2))
        await until(lambda: len(recorder.notices) == 2)
        assert not task.done()

    assert steered.connections == 2
    assert recorder.notices == [
        ("run.warning", {"text": f"Message {n} did not reach the agent: it answered 307."}) for n in (1, 2)
    ]


async def test_an_agent_that_takes_no_message_in_time_is_a_warning(
    context: RunContext, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "STEER_TIMEOUT", 0.01)
    async with serving(None) as silent, attempt(context, steer_url=f"http://127.0.0.1:{silent.port}/"):
        recorder.signals.put_nowait(message(1))
        await until(lambda: recorder.notices)

    [(_, data)] = recorder.notices
    assert data["text"] == "Message 1 did not reach the agent: it did not answer within 0.01 s."


async def test_an_agent_without_the_url_takes_no_messages(context: RunContext, recorder: Recorder) -> None:
    async with attempt(context) as (task, _):
        recorder.signals.put_nowait(message(1))
        await cancelled(task)

    assert recorder.signals.qsize() == 1


async def test_the_end_of_the_answer_ends_the_steering(context: RunContext, recorder: Recorder) -> None:
    before = asyncio.all_tasks()
    async with serving(answer("200 OK", b"1")) as agent:
        config = {"url": f"http://127.0.0.1:{agent.port}/", "steer_url": f"http://127.0.0.1:{agent.port}/steer"}
        outcome = await executor().execute(config, context)
        recorder.signals.put_nowait(message(1))
        await until(lambda: asyncio.all_tasks() <= before)

    assert (outcome, len(agent.requests), recorder.signals.qsize()) == (Succeeded(1), 1, 1)


async def test_a_cancelled_attempt_tells_its_agent_once_the_connection_is_closed(context: RunContext) -> None:
    async with (
        serving(TAKEN) as stopped,
        attempt(context, cancel_url=f"http://127.0.0.1:{stopped.port}/cancel") as (task, agent),
    ):
        await cancelled(task)

        assert len(stopped.requests) == 1
        async with asyncio.timeout(TIMEOUT):
            await agent.disconnected.wait()

    [request] = stopped.requests
    assert (request.line, request.headers["webhook-id"]) == ("POST /cancel HTTP/1.1", "run-1.2.cancel")
    assert Webhook(SECRET).verify(request.body, request.headers) == {
        "project": "acme",
        "run": "run-1",
        "attempt": 2,
        "agent": "digest",
    }


async def test_an_agent_that_does_not_answer_delays_the_stop_by_a_bounded_time(
    context: RunContext, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert notify.CANCEL_TIMEOUT == 2
    monkeypatch.setattr(notify, "CANCEL_TIMEOUT", 0.01)
    async with serving(None) as silent, attempt(context, cancel_url=f"http://127.0.0.1:{silent.port}/") as (task, _):
        await cancelled(task)

    assert recorder.notices == [
        ("run.warning", {"text": "The agent was not told to stop: it did not answer within 0.01 s."})
    ]


async def test_a_second_cancellation_does_not_cut_the_request_to_stop(context: RunContext) -> None:
    release = asyncio.Event()
    stopped: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stopped.append(await reader.readuntil(b"\r\n\r\n"))
        await release.wait()
        writer.write(TAKEN)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with attempt(context, cancel_url=url) as (task, _):
            task.cancel()
            await until(lambda: stopped)
            task.cancel()
            for _ in range(200):
                # Enough steps of the event loop for a request that is cut to end.
                await asyncio.sleep(0)
            ended = task.done()
            release.set()
            with pytest.raises(asyncio.CancelledError):
                await task

    assert not ended


async def test_an_attempt_that_ended_by_itself_is_not_cancelled(context: RunContext) -> None:
    async with serving(TAKEN) as stopped, serving(answer("500 Broken")) as agent:
        urls = {"url": f"http://127.0.0.1:{agent.port}/", "cancel_url": f"http://127.0.0.1:{stopped.port}/"}
        outcome = await executor().execute(urls, context)

    assert (outcome.type, stopped.connections) == ("http_500", 0)


@pytest.mark.parametrize("field", ["cancel_url", "steer_url"])
async def test_an_inner_address_behind_a_public_name_is_never_connected_to(
    field: str, context: RunContext, recorder: Recorder
) -> None:
    async def here(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with serving(None) as agent, serving(TAKEN) as inner:
        allowed = f"127.0.0.1:{agent.port}"
        http = executor(allowed_hosts=[allowed], resolve=here)
        config = {"url": f"http://{allowed}/", field: f"https://agents.example.com:{inner.port}/"}
        task = asyncio.create_task(http.execute(config, context))
        await until(lambda: agent.requests)
        recorder.signals.put_nowait(message(1))
        if field == "steer_url":
            await until(lambda: recorder.notices)
        await cancelled(task)

    assert inner.connections == 0
    [(kind, data)] = recorder.notices
    assert (kind, "not a public address" in data["text"]) == ("run.warning", True)


async def test_credentials_go_with_every_message_and_not_into_warnings(context: RunContext, recorder: Recorder) -> None:
    async with serving(None) as agent, serving(answer("403 Forbidden")) as other:
        secrets = {"acme/CRM": "the-bearer-of-acme"}
        urls = {name: f"http://127.0.0.1:{other.port}/{name}" for name in ("cancel_url", "steer_url")}
        config = {"url": f"http://127.0.0.1:{agent.port}/", "auth": {"bearer": "acme/CRM"}, **urls}
        task = asyncio.create_task(executor(secrets=secrets).execute(config, context))
        await until(lambda: agent.requests)
        recorder.signals.put_nowait(message(1))
        await until(lambda: recorder.notices)
        await cancelled(task)

    assert [each.headers["authorization"] for each in other.requests] == ["Bearer the-bearer-of-acme"] * 2
    assert len(recorder.notices) == 2
    assert "the-bearer" not in str(recorder.notices)
