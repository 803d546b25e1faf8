"""The outcome for each kind of response to the http executor."""

import asyncio
import json
from datetime import timedelta

import pytest

from executors.http.http_calls import answered, executor
from executors.http.http_server import answer, serving
from tock.core.run.gate import MAX_RETRY_AFTER
from tock.core.run.outcome import Failed, Succeeded
from tock.ports.executor import RunContext
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio


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
    assert await answered(raw, context) == outcome


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
    outcome = await answered(answer("200 OK", body), context)

    assert (outcome.type, outcome.retryable) == (type_, False)


@pytest.mark.parametrize("status", ["202 Accepted", "206 Partial Content"])
@pytest.mark.parametrize("body", [b"", b'{"id": "job-1"}'])
async def test_an_answer_of_unfinished_work_is_a_final_failure(status: str, body: bytes, context: RunContext) -> None:
    outcome = await answered(answer(status, body), context)

    assert (outcome.type, outcome.retryable) == (f"http_{status[:3]}", False)
    assert status in outcome.message


async def test_an_endless_answer_is_not_read_to_its_end(context: RunContext) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    async with serving(head + b"10000\r\n%s\r\n" % (b"x" * 65536) * 200) as server:
        outcome = await executor().execute({"url": f"http://127.0.0.1:{server.port}/"}, context)
        async with asyncio.timeout(TIMEOUT):
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
    outcome = await answered(answer(f"{status} Reason", b"" if status == 304 else b"sorry"), context)

    assert (outcome.type, outcome.retryable, outcome.retry_after) == (f"http_{status}", retryable, None)


async def test_a_failure_quotes_the_body(context: RunContext) -> None:
    outcome = await answered(answer("503 Reason", b"x" * 501), context)

    assert outcome == Failed("http_503", f"The agent answered 503 Service Unavailable: {'x' * 500}", retryable=True)


async def test_a_failure_quotes_a_problems_detail(context: RunContext) -> None:
    body = json.dumps({"title": "No", "detail": "The feed is gone."}).encode()

    outcome = await answered(
        answer("409 Reason", body, content_type="application/problem+json; charset=utf-8"), context
    )

    message = f"The agent answered 409 Conflict: The feed is gone.: {body.decode()}"
    assert outcome == Failed("http_409", message, retryable=False)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"detail": 7}'])
async def test_a_broken_problem_is_quoted_as_it_is(body: bytes, context: RunContext) -> None:
    outcome = await answered(answer("400 Reason", body, content_type="application/problem+json"), context)

    assert outcome.message == ": ".join(["The agent answered 400 Bad Request", body.decode()][: 2 if body else 1])


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("0", timedelta()),
        ("Sun, 28 Mar 2027 12:01:30 GMT", timedelta(seconds=90)),
        ("Sun, 28 Mar 2027 11:00:00 GMT", timedelta()),
        ("99999999999999999999", MAX_RETRY_AFTER),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER),
        ("-5", None),
        ("soon", None),
        ("1.5", None),
    ],
)
@pytest.mark.parametrize("status", ["429 Reason", "503 Reason"])
async def test_retry_after_is_honoured(status: str, text: str, wait: timedelta | None, context: RunContext) -> None:
    outcome = await answered(answer(status, retry_after=text), context)

    assert (outcome.retryable, outcome.retry_after) == (True, wait)


async def test_retry_after_means_nothing_on_a_final_answer(context: RunContext) -> None:
    outcome = await answered(answer("404 Reason", retry_after="7"), context)

    assert outcome.retry_after is None


async def test_a_redirect_is_not_followed(context: RunContext) -> None:
    async with serving(answer("200 OK", b"{}")) as target:
        location = f"http://127.0.0.1:{target.port}/elsewhere"

        outcome = await answered(answer("307 Reason", location=location), context)

    message = f"The agent answered 307 Temporary Redirect, pointing to {location}: redirects are not followed."
    assert outcome == Failed("http_307", message, retryable=False)
    assert target.connections == 0


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"])
async def test_a_broken_answer_is_retryable(raw: bytes, context: RunContext) -> None:
    outcome = await answered(raw, context)

    assert (outcome.type, outcome.retryable) == ("connection_failed", True)


@pytest.mark.parametrize(
    "location",
    ["http://a\x01b/", "https://xn--/", "https://[::/", "http://h:99999/", "/\x7f", "ht!tp://x", "https://\xff/"],
    ids=repr,
)
@pytest.mark.parametrize("status", [201, 301, 307])
async def test_a_location_that_no_url_parser_reads_is_the_agents_matter(
    context: RunContext, location: str, status: int
) -> None:
    raw = f"HTTP/1.1 {status} Reason\r\nlocation: {location}\r\nset-cookie: \x01=;;;\r\ncontent-length: 2\r\n\r\n{{}}"

    outcome = await answered(raw.encode("latin-1"), context)

    assert isinstance(outcome, Failed if status >= 300 else Succeeded)
    if isinstance(outcome, Failed):
        assert (outcome.type, outcome.retryable) == (f"http_{status}", False)


async def test_a_host_that_is_no_name_is_a_wrong_configuration(context: RunContext) -> None:
    for host in ("xn--", "xn--a", "xn--zzzzzz99999999.com"):
        outcome = await executor(allowed_hosts=[host]).execute({"url": f"https://{host}/"}, context)

        assert (outcome.type, outcome.retryable) == ("invalid_config", False)
