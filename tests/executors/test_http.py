"""What the http executor sends, and what an answer comes to."""

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from executors.certificates import contexts
from executors.http_server import Server, answer, serving
from executors.recorder import Recorder
from tock.core.outcome import Failed, Succeeded
from tock.executors.http import HttpExecutor
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#: Loading the public authorities takes a while, so the executors share them.
TLS = ssl.create_default_context()
NOON = datetime(2027, 3, 28, 12, tzinfo=UTC)


def real_now() -> datetime:
    """The real time, since a verifier refuses a signature of another day."""
    return datetime.fromtimestamp(time.time_ns() / 1e9, tz=UTC)


def _executor(**options: Any) -> HttpExecutor:
    given = {"allowed_hosts": ["127.0.0.1"], "secrets": {"acme/DIGEST": SECRET}, "now": lambda: NOON, "tls": TLS}
    return HttpExecutor(**{**given, **options})


async def _answered(raw: bytes, context: RunContext) -> Any:
    async with serving(raw) as server:
        return await _executor().execute({"url": f"http://127.0.0.1:{server.port}/run"}, context)


async def test_the_run_is_posted_signed(context: RunContext) -> None:
    executor = _executor(now=real_now, tls=None)
    async with serving(answer("200 OK", b'{"read": 12}')) as server:
        config = {
            "url": f"http://127.0.0.1:{server.port}/run?v=1",
            "secret": "acme/DIGEST",
            "headers": {"X-Team": "news"},
        }

        outcome = await executor.execute(config, context)

    assert outcome == Succeeded({"read": 12})
    (request,) = server.requests
    body = {
        "project": "acme",
        "run": "run-1",
        "attempt": 2,
        "trigger": "morning-digest",
        "agent": "digest",
        "source": "schedule",
        "message": "Digest of tock",
        "input": {"repo": "tock", "größe": [1, 2.5, None]},
        "model": None,
        "ref": "main",
        "scheduled_for": "2027-03-28T01:00:00.250000Z",
        "deadline": "2027-03-28T01:05:00Z",
    }
    assert Webhook(SECRET).verify(request.body, request.headers) == body
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", request.headers)
    assert request.line == "POST /run?v=1 HTTP/1.1"
    assert request.headers["webhook-id"] == "run-1.2"
    assert request.headers["idempotency-key"] == context.idempotency_key("http")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-team"] == "news"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"


async def test_a_redelivery_has_the_same_id_and_another_attempt_another(
    context_with: Callable[..., RunContext],
) -> None:
    async with serving(answer("204 No Content")) as server:
        for attempt in (1, 1, 2):
            config = {"url": f"http://127.0.0.1:{server.port}/"}
            await _executor().execute(config, context_with(attempt=attempt))

    assert [request.headers["webhook-id"] for request in server.requests] == ["run-1.1", "run-1.1", "run-1.2"]
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
    assert all("webhook-signature" not in request.headers for request in server.requests)


async def test_nothing_is_emitted(context: RunContext, recorder: Recorder) -> None:
    await _answered(answer("200 OK", b"{}"), context)

    assert recorder.events == []


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (answer("200 OK", b"[1, null]"), Succeeded([1, None])),
        (answer("201 Created", b'"text"', content_type="text/plain"), Succeeded("text")),
        (answer("200 OK", b'\xef\xbb\xbf{"bom": 1}'), Succeeded({"bom": 1})),
        (answer("200 OK", b" \r\n"), Succeeded(None)),
        (answer("200 OK"), Succeeded(None)),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Succeeded(None)),
        (answer("200 OK", b" " * 40_000 + b'"%s"' % (b"x" * (256 * 1024 - 2))), Succeeded("x" * (256 * 1024 - 2))),
    ],
)
async def test_an_answer_that_succeeds(raw: bytes, outcome: Succeeded, context: RunContext) -> None:
    assert await _answered(raw, context) == outcome


@pytest.mark.parametrize(
    ("body", "type_"),
    [
        (b"<html>", "answer_not_json"),
        (b'{"a": ', "answer_not_json"),
        (b"NaN", "answer_not_json"),
        (b"\xff\xfe", "answer_not_json"),
        (b"[" * 200_000, "answer_not_json"),
        (b'"\\ud800"', "result_not_json"),
        (b'"%s"' % (b"x" * (256 * 1024 - 1)), "result_too_large"),
        (b'"%s"' % (b"x" * 5_000_000), "result_too_large"),
    ],
)
async def test_an_answer_that_cannot_be_kept(body: bytes, type_: str, context: RunContext) -> None:
    outcome = await _answered(answer("200 OK", body), context)

    assert (outcome.type, outcome.retryable) == (type_, False)


async def test_an_endless_answer_is_not_read_to_its_end(context: RunContext) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    async with serving(head + b"10000\r\n%s\r\n" % (b"x" * 65536) * 200) as server:
        outcome = await _executor().execute({"url": f"http://127.0.0.1:{server.port}/"}, context)
        async with asyncio.timeout(10):
            await server.disconnected.wait()

    assert outcome.type == "result_too_large"


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        *((status, True) for status in (408, 425, 429, 500, 501, 502, 503, 504, 599)),
        *((status, False) for status in (301, 302, 303, 304, 307, 308, 400, 401, 404, 409, 410, 422, 499)),
    ],
)
async def test_a_status_is_final_or_retryable(status: int, retryable: bool, context: RunContext) -> None:  # noqa: FBT001 a case
    outcome = await _answered(answer(f"{status} Reason", b"" if status == 304 else b"sorry"), context)

    assert (outcome.type, outcome.retryable, outcome.retry_after) == (f"http_{status}", retryable, None)


async def test_a_failure_quotes_the_body(context: RunContext) -> None:
    outcome = await _answered(answer("503 Reason", b"x" * 501), context)

    assert outcome == Failed("http_503", f"The agent answered 503 Service Unavailable: {'x' * 500}", retryable=True)


async def test_a_failure_quotes_a_problems_detail(context: RunContext) -> None:
    body = json.dumps({"title": "No", "detail": "The feed is gone."}).encode()

    outcome = await _answered(
        answer("422 Reason", body, content_type="application/problem+json; charset=utf-8"), context
    )

    message = f"The agent answered 422 Unprocessable Entity: The feed is gone.: {body.decode()}"
    assert outcome == Failed("http_422", message, retryable=False)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"detail": 7}'])
async def test_a_broken_problem_is_quoted_as_it_is(body: bytes, context: RunContext) -> None:
    outcome = await _answered(answer("400 Reason", body, content_type="application/problem+json"), context)

    assert outcome.message == ": ".join(["The agent answered 400 Bad Request", body.decode()][: 2 if body else 1])


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("0", timedelta()),
        ("Sun, 28 Mar 2027 12:01:30 GMT", timedelta(seconds=90)),
        ("Sun, 28 Mar 2027 11:00:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(days=30)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=30)),
        ("-5", None),
        ("soon", None),
        ("1.5", None),
    ],
)
@pytest.mark.parametrize("status", ["429 Reason", "503 Reason"])
async def test_retry_after_is_honoured(status: str, text: str, wait: timedelta | None, context: RunContext) -> None:
    outcome = await _answered(answer(status, retry_after=text), context)

    assert (outcome.retryable, outcome.retry_after) == (True, wait)


async def test_retry_after_means_nothing_on_a_final_answer(context: RunContext) -> None:
    outcome = await _answered(answer("404 Reason", retry_after="7"), context)

    assert outcome.retry_after is None


async def test_a_redirect_is_not_followed(context: RunContext) -> None:
    async with serving(answer("200 OK", b"{}")) as target:
        location = f"http://127.0.0.1:{target.port}/elsewhere"

        outcome = await _answered(answer("307 Reason", location=location), context)

    message = f"The agent answered 307 Temporary Redirect, pointing to {location}: redirects are not followed."
    assert outcome == Failed("http_307", message, retryable=False)
    assert target.connections == 0


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"])
async def test_a_broken_answer_is_retryable(raw: bytes, context: RunContext) -> None:
    outcome = await _answered(raw, context)

    assert (outcome.type, outcome.retryable) == ("connection_failed", True)


async def test_a_refused_connection_is_retryable(context: RunContext) -> None:
    async with serving(b"") as server:
        pass

    outcome = await _executor().execute({"url": f"http://127.0.0.1:{server.port}/"}, context)

    assert (outcome.type, outcome.retryable) == ("connection_failed", True)


async def test_a_host_without_an_address_is_retryable(context: RunContext) -> None:
    async def nowhere(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    outcome = await _executor(resolve=nowhere).execute({"url": "https://agents.example.com/"}, context)

    assert (outcome.type, outcome.retryable) == ("connection_failed", True)


async def test_cancellation_closes_the_connection(context: RunContext) -> None:
    async with serving(None) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/"}
        task = asyncio.create_task(_executor().execute(config, context))
        await _within(server.received)

        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        await _within(server.disconnected)


async def _within(event: asyncio.Event) -> None:
    async with asyncio.timeout(10):
        await event.wait()


async def test_a_name_that_resolves_to_this_machine_is_never_connected_to(context: RunContext) -> None:
    async def here(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with serving(answer("200 OK", b"{}")) as server:
        executor = _executor(allowed_hosts=[], resolve=here)
        outcome = await executor.execute({"url": f"https://agents.example.com:{server.port}/"}, context)

    assert (outcome.type, outcome.retryable, server.connections) == ("address_refused", False, 0)


async def test_the_environments_proxy_is_ignored(context: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answer("418 Reason")) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

        outcome = await _answered(answer("200 OK", b"{}"), context)

    assert (outcome, proxy.connections) == (Succeeded({}), 0)


async def test_cookies_are_not_kept(context: RunContext) -> None:
    executor = _executor()
    async with serving(answer("200 OK", b"{}", set_cookie="a=b")) as server:
        for _ in range(2):
            await executor.execute({"url": f"http://127.0.0.1:{server.port}/"}, context)

    assert all("cookie" not in request.headers for request in server.requests)


async def _over_tls(certified: str, *, directory: Path, context: RunContext) -> tuple[Any, Server]:
    async def here(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    server_tls, client_tls = contexts(certified, directory=directory)
    async with serving(answer("200 OK", b"{}"), tls=server_tls) as server:
        host = f"agents.example.com:{server.port}"
        executor = _executor(allowed_hosts=[host], resolve=here, tls=client_tls)
        return await executor.execute({"url": f"https://{host}/"}, context), server


async def test_a_server_is_verified_by_its_name_and_not_its_address(context: RunContext, tmp_path: Path) -> None:
    outcome, server = await _over_tls("agents.example.com", directory=tmp_path, context=context)

    assert (outcome, len(server.requests)) == (Succeeded({}), 1)


async def test_a_server_with_another_name_gets_no_request(context: RunContext, tmp_path: Path) -> None:
    outcome, server = await _over_tls("127.0.0.1.example", directory=tmp_path, context=context)

    assert (outcome.type, server.requests) == ("connection_failed", [])
