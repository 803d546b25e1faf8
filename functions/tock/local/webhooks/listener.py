"""The application that receives webhooks: it verifies each, reports it, and passes it on or answers it."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tock.local.webhooks.verification import Verification, Verify

#: The largest body, in bytes: more than Tock ever sends.
LARGEST = 16 * 1024 * 1024
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: Headers that belong to one connection (RFC 9110, section 7.6.1), and those that the next one sets itself.
_OWN = frozenset(
    ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "host")
) | {"content-length"}
#: How long the target may take to take a connection; its answer may take as long as its caller waits.
_TIMEOUT = httpx.Timeout(None, connect=10)


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook, and what its verification said."""

    method: str
    path: str
    body: bytes
    verification: Verification


@dataclass(frozen=True, slots=True)
class Answered:
    """How a webhook was answered; `problem` says why its target was not reached."""

    status: int
    target: str | None
    problem: str = ""


def listener(
    *,
    verify: Verify,
    forward: str | None,
    answer: Any,
    report: Callable[[Received | Answered], None],
) -> Starlette:
    """Return the application.

    A webhook that is accepted goes to the URL `forward`, with its headers and its body as they came, and whose answer
    comes back as it is, also a stream; without a `forward` the answer is 200 with the JSON value `answer`. Any other
    one is answered with 401, and a body of more than 16 MiB with 413. `report` is called with each webhook, and then
    with how it was answered.
    """
    client = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)

    async def receive(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            report(Answered(413, target=None, problem=f"its body is larger than {LARGEST} bytes"))
            return JSONResponse({"detail": f"The body is larger than {LARGEST} bytes."}, status_code=413)
        verification = verify(body, request.headers)
        report(Received(request.method, request.url.path, body, verification))
        if not verification.accepted:
            report(Answered(401, target=None))
            return JSONResponse({"detail": f"The signature is not valid: {verification.problem}"}, status_code=401)
        if forward is None:
            report(Answered(200, target=None))
            return JSONResponse(answer)
        return await _forwarded(request, body, client=client, target=forward, report=report)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    return Starlette(routes=[Route("/{path:path}", receive, methods=_METHODS)], lifespan=lifespan)


async def _body(request: Request) -> bytes | None:
    """Return the body; None if it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


async def _forwarded(
    request: Request,
    body: bytes,
    *,
    client: httpx.AsyncClient,
    target: str,
    report: Callable[[Received | Answered], None],
) -> Response:
    try:
        sent = client.build_request(request.method, target, headers=_passed(request.headers), content=body)
        got = await client.send(sent, stream=True)
    except httpx.HTTPError as exc:
        problem = f"{target} does not answer: {exc or type(exc).__name__}"
        report(Answered(502, target=target, problem=problem))
        return JSONResponse({"detail": problem}, status_code=502)
    report(Answered(got.status_code, target=target))
    return StreamingResponse(
        got.aiter_raw(), got.status_code, headers=_passed(got.headers), background=BackgroundTask(got.aclose)
    )


def _passed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OWN}


def shown(body: bytes, *, most: int) -> Any:
    """Return a body as JSON or text, for people: a text of more than `most` characters is cut."""
    text = body.decode(errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text if len(text) <= most else f"{text[:most]}…"
