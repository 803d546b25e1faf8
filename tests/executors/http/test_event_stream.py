"""An answer that is a stream of events: read as it comes, bounded, and closed when the attempt is stopped."""

import asyncio
import json
from typing import Any

import pytest

from executors.http.http_calls import SECRET, answered, executor
from executors.http.http_server import serving
from executors.recorder import Recorder
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded, Usage
from tock.executors.http.answers import event_stream
from tock.ports.executor import RunContext
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n"


async def outcome_of(stream: bytes, context: RunContext, **config: Any) -> AgentOutcome:
    async with serving(HEAD + stream) as server:
        given = {"url": f"http://127.0.0.1:{server.port}/", **config}
        outcome: AgentOutcome = await executor().execute(given, context)
        return outcome


def event(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


async def test_events_become_events_of_the_run_until_the_result(context: RunContext, recorder: Recorder) -> None:
    stream = event("progress", {"read": 12}) + event("result", {"pages": 3}) + event("late", 1)

    outcome = await outcome_of(stream, context)

    assert outcome == Succeeded({"pages": 3})
    assert recorder.events == [("progress", {"read": 12})]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: 1\n\n", [("message", 1)]),
        (b"event: a\ndata: 1\r\n\r\nevent: b\rdata: 2\r\r", [("a", 1), ("b", 2)]),
        (b'\xef\xbb\xbfevent:a\ndata:{"x":\ndata: 1}\n\n', [("a", {"x": 1})]),
        (b": keep-alive\n\nid: 7\nretry: 100\nevent: a\ndata: not json\n\n", [("a", "not json")]),
        (b"event: a\n\n", [("a", "")]),
        (b"event: \xff\ndata: \xff\n\n", [("\ufffd", "\ufffd")]),
        (b"event: a\ndata: [1,\n\n", [("a", "[1,")]),
        (b'event: a\ndata: "\\ud800"\n\n', [("a", '"\\ud800"')]),
    ],
)
async def test_how_a_stream_is_read(
    stream: bytes, events: list[tuple[str, Any]], context: RunContext, recorder: Recorder
) -> None:
    outcome = await outcome_of(stream + event("result", 1), context)

    assert (outcome, recorder.events) == (Succeeded(1), events)


async def test_a_line_break_that_two_parts_share_is_one(context: RunContext, recorder: Recorder) -> None:
    first, gate = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"event: first\r\n\r\nevent: a\r")
        await writer.drain()
        await until(lambda: recorder.events)
        first.set()
        await gate.wait()
        writer.write(b"\ndata: 1\r\n\r\nevent: result\r\ndata: 2\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        task = asyncio.create_task(executor().execute({"url": url}, context))
        async with asyncio.timeout(TIMEOUT):
            await first.wait()
            # The first event was there before the stream went on.
            assert not task.done()
            gate.set()
            outcome = await task

    assert (outcome, recorder.events) == (Succeeded(2), [("first", ""), ("a", 1)])


async def test_usage_and_log_lines_go_where_they_belong(context: RunContext, recorder: Recorder) -> None:
    stream = (
        event("usage", {"input_tokens": 5, "output_tokens": 2, "cost": 0.5, "model": "m", "other": 1})
        + event("log", {"level": "warning", "text": "low"})
        + event("log", "plain")
        + event("log", {"level": "loud", "text": 7})
        + event("usage", [])
    )

    await outcome_of(stream + event("result", 1), context)

    assert recorder.used == [Usage(input_tokens=5, output_tokens=2, cost=0.5, model="m")]
    assert recorder.logged == [("warning", "low"), ("info", "plain"), ("info", '{"level": "loud", "text": 7}')]
    assert recorder.events == []
    [(kind, data)] = recorder.notices
    assert (kind, "states no usage" in data["text"]) == ("run.warning", True)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        ({"type": "NoDisk", "message": "Full.", "retryable": True}, Failed("NoDisk", "Full.", retryable=True)),
        ("broken", Failed("agent_failed", "broken", retryable=False)),
        ([1], Failed("agent_failed", "[1]", retryable=False)),
        ({}, Failed("agent_failed", "The agent gave no message.", retryable=False)),
    ],
)
async def test_an_error_ends_the_attempt(data: Any, outcome: Failed, context: RunContext) -> None:
    assert await outcome_of(event("error", data) + event("result", 1), context) == outcome


@pytest.mark.parametrize("data", [{"type": 7}, {"retryable": "yes"}, {"retry_after": -1}, {"retry_after": "soon"}])
async def test_an_error_with_a_wrong_field_is_final_and_names_the_field(
    data: dict[str, Any], context: RunContext
) -> None:
    outcome = await outcome_of(event("error", {"message": "x", "retryable": True} | data), context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("invalid_outcome", False)
    assert next(iter(data)) in outcome.message


async def test_a_stream_that_ends_too_early_may_be_tried_again(context: RunContext, recorder: Recorder) -> None:
    outcome = await outcome_of(event("progress", 1) + b"event: result\ndata: 1\n", context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("stream_ended", True)
    assert recorder.events == [("progress", 1)]


async def test_a_result_that_is_not_json_fails(context: RunContext) -> None:
    outcome = await outcome_of(b"event: result\ndata: done\n\n", context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("answer_not_json", False)


@pytest.mark.parametrize(
    ("stream", "limit"),
    [
        (b"data: " + b"x" * event_stream.MAX_LINE, event_stream.MAX_LINE),
        (b"data: xxxxxxxxxxxxxxxxxxxxxxxxxx\n" * (event_stream.MAX_LINE // 30), event_stream.MAX_LINE),
        (b": " + b"x" * 1_000_000 + b"\n", event_stream.MAX_LINE),
        ((b": " + b"x" * 300_000 + b"\n") * 250, event_stream.MAX_STREAM),
    ],
    ids=["a long line", "long data", "a long comment", "a long stream"],
)
async def test_a_stream_is_bounded(stream: bytes, limit: int, context: RunContext) -> None:
    outcome = await outcome_of(stream, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("stream_too_large", False)
    assert str(limit) in outcome.message


async def test_what_the_request_held_is_masked_in_all_of_a_stream(context: RunContext, recorder: Recorder) -> None:
    secret, header = SECRET.removeprefix("whsec_"), "of-my-header"
    stream = (
        event("progress", [secret, header])
        + event(header, 1)
        + event("log", secret)
        + event("error", {"type": header, "message": secret})
    )

    outcome = await outcome_of(stream, context, secret="acme/DIGEST", headers={"x-team": header})

    kept = f"{outcome} {recorder.events} {recorder.logged}"
    assert secret not in kept
    assert header not in kept
    assert "***" in kept


async def test_a_stop_closes_the_stream(context: RunContext, recorder: Recorder) -> None:
    closed = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + event("progress", 1))
        await writer.drain()
        while await reader.read(1024):
            pass
        closed.set()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        task = asyncio.create_task(executor().execute({"url": url}, context))
        await recorder.first_event()

        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        async with asyncio.timeout(TIMEOUT):
            await closed.wait()


async def test_another_status_is_no_stream(context: RunContext, recorder: Recorder) -> None:
    raw = HEAD.replace(b"200 OK", b"500 Broken") + event("result", 1)

    outcome = await answered(raw, context)

    assert (outcome.type, recorder.events) == ("http_500", [])
