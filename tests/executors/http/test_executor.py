"""What the http executor sends, to whom, and over which connections."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from executors.http.certificates import contexts
from executors.http.http_calls import SECRET, answered, executor, real_now
from executors.http.http_server import Server, answer, serving
from executors.recorder import Recorder
from tock.core.run.outcome import Succeeded
from tock.ports.executor import RunContext
from tock.ports.host import Previous, PreviousFailure
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio


async def test_the_run_is_posted_signed(context: RunContext) -> None:
    http = executor(now=real_now, tls=None)
    async with serving(answer("200 OK", b'{"read": 12}')) as server:
        config = {
            "url": f"http://127.0.0.1:{server.port}/run?v=1",
            "secret": "acme/DIGEST",
            "headers": {"X-Team": "news"},
        }

        outcome = await http.execute(config, context)

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
        "time_zone": "Europe/Berlin",
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


@pytest.mark.parametrize("failure", [None, PreviousFailure("broke", "It broke.", retryable=True)])
async def test_an_agent_that_asks_for_it_is_told_how_earlier_runs_ended(
    context: RunContext, recorder: Recorder, failure: PreviousFailure | None
) -> None:
    recorder.before = Previous({"seen": 5}, failure)
    async with serving(answer("204 No Content")) as server:
        await executor().execute({"url": f"http://127.0.0.1:{server.port}/", "previous": True}, context)

    (request,) = server.requests
    told = None if failure is None else {"type": "broke", "message": "It broke.", "retryable": True}
    assert json.loads(request.body)["previous"] == {"result": {"seen": 5}, "failure": told}


async def test_a_redelivery_has_the_same_id_and_another_attempt_another(
    context_with: Callable[..., RunContext],
) -> None:
    async with serving(answer("204 No Content")) as server:
        for attempt in (1, 1, 2):
            config = {"url": f"http://127.0.0.1:{server.port}/"}
            await executor().execute(config, context_with(attempt=attempt))

    assert [request.headers["webhook-id"] for request in server.requests] == ["run-1.1", "run-1.1", "run-1.2"]
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
    assert all("webhook-signature" not in request.headers for request in server.requests)


async def test_nothing_is_emitted(context: RunContext, recorder: Recorder) -> None:
    await answered(answer("200 OK", b"{}"), context)

    assert recorder.events == []


async def test_a_refused_connection_is_retryable(context: RunContext) -> None:
    async with serving(b"") as server:
        pass

    outcome = await executor().execute({"url": f"http://127.0.0.1:{server.port}/"}, context)

    assert (outcome.type, outcome.retryable) == ("connection_failed", True)


async def test_a_host_without_an_address_is_retryable(context: RunContext) -> None:
    async def nowhere(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    outcome = await executor(resolve=nowhere).execute({"url": "https://agents.example.com/"}, context)

    assert (outcome.type, outcome.retryable) == ("connection_failed", True)


async def test_cancellation_closes_the_connection(context: RunContext) -> None:
    async with serving(None) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/"}
        task = asyncio.create_task(executor().execute(config, context))
        await _within(server.received)

        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        await _within(server.disconnected)


async def _within(event: asyncio.Event) -> None:
    async with asyncio.timeout(TIMEOUT):
        await event.wait()


async def test_a_name_that_resolves_to_this_machine_is_never_connected_to(context: RunContext) -> None:
    async def here(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with serving(answer("200 OK", b"{}")) as server:
        http = executor(allowed_hosts=[], resolve=here)
        outcome = await http.execute({"url": f"https://agents.example.com:{server.port}/"}, context)

    assert (outcome.type, outcome.retryable, server.connections) == ("address_refused", False, 0)


async def test_the_environments_proxy_is_ignored(context: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answer("418 Reason")) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

        outcome = await answered(answer("200 OK", b"{}"), context)

    assert (outcome, proxy.connections) == (Succeeded({}), 0)


async def test_cookies_are_not_kept(context: RunContext) -> None:
    http = executor()
    async with serving(answer("200 OK", b"{}", set_cookie="a=b")) as server:
        for _ in range(2):
            await http.execute({"url": f"http://127.0.0.1:{server.port}/"}, context)

    assert all("cookie" not in request.headers for request in server.requests)


async def _over_tls(certified: str, *, directory: Path, context: RunContext) -> tuple[Any, Server]:
    async def here(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    server_tls, client_tls = contexts(certified, directory=directory)
    async with serving(answer("200 OK", b"{}"), tls=server_tls) as server:
        host = f"agents.example.com:{server.port}"
        http = executor(allowed_hosts=[host], resolve=here, tls=client_tls)
        return await http.execute({"url": f"https://{host}/"}, context), server


async def test_a_server_is_verified_by_its_name_and_not_its_address(context: RunContext, tmp_path: Path) -> None:
    outcome, server = await _over_tls("agents.example.com", directory=tmp_path, context=context)

    assert (outcome, len(server.requests)) == (Succeeded({}), 1)


async def test_a_server_with_another_name_gets_no_request(context: RunContext, tmp_path: Path) -> None:
    outcome, server = await _over_tls("127.0.0.1.example", directory=tmp_path, context=context)

    assert (outcome.type, server.requests) == ("connection_failed", [])
