"""How an agent's requests are authorized, and that no response gives the credentials back."""

import json
import os
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from executors.http.certificates import contexts
from executors.http.http_calls import NOON, SECRET, executor
from executors.http.http_server import answer, serving
from tock.core.errors import InvalidArgument
from tock.core.run.outcome import Failed, Succeeded
from tock.executors.outbound.identity_token import IdentityTokens, NoIdentityToken
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio
SECRETS = {
    "acme/CRM": "s3cr3t-token",
    "acme/LOGIN": "ada:lovelace's pass",
    "acme/SPACE": "two words",
    "acme/DIGEST": SECRET,
    "other/CRM": "t0k3n-of-others",
}
URL = "https://review.run.app/v1"


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (None, None),
        ({"bearer": "acme/CRM"}, "Bearer s3cr3t-token"),
        ({"basic": "acme/LOGIN"}, f"Basic {b64encode(SECRETS['acme/LOGIN'].encode()).decode()}"),
    ],
)
async def test_a_named_secret_authorizes_the_request(auth: Any, header: str | None, context: RunContext) -> None:
    async with serving(answer("200 OK", b"{}")) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/", "auth": auth, "secret": "acme/DIGEST"}

        outcome = await executor(secrets=SECRETS).execute(config, context)

    assert outcome == Succeeded({})
    [request] = server.requests
    assert request.headers.get("authorization") == header
    assert "webhook-signature" in request.headers


@pytest.mark.parametrize(
    ("auth", "field"),
    [
        ("acme/CRM", "config.auth"),
        ({}, "config.auth"),
        ({"digest": "acme/CRM"}, "config.auth"),
        ({"bearer": "acme/CRM", "basic": "acme/LOGIN"}, "config.auth"),
        ({"bearer": 7}, "config.auth.bearer"),
        ({"bearer": None}, "config.auth.bearer"),
        ({"bearer": "CRM"}, "config.auth.bearer"),
        ({"bearer": "acme/NONE"}, "config.auth.bearer"),
        ({"bearer": "acme/SPACE"}, "config.auth.bearer"),
        ({"basic": "acme/CRM"}, "config.auth.basic"),
        ({"google_id_token": 7}, "config.auth.google_id_token"),
        ({"google_id_token": "https://billing.run.app"}, "config.auth.google_id_token"),
        ({"google_id_token": "https://review.run.app:8443"}, "config.auth.google_id_token"),
        ({"google_id_token": "http://review.run.app"}, "config.auth.google_id_token"),
        ({"google_id_token": "https://[::/"}, "config.auth.google_id_token"),
        ({"google_id_token": "32555940559.apps.googleusercontent.com"}, "config.auth.google_id_token"),
    ],
)
def test_a_wrong_authorization_is_refused(auth: Any, field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        executor(secrets=SECRETS).check({"url": URL, "auth": auth}, project="acme")

    assert refused.value.field == field
    assert not any(secret in str(refused.value) for secret in SECRETS.values())


@pytest.mark.parametrize(
    "audience", ["https://review.run.app", "https://review.run.app/", "https://review.run.app:443"]
)
def test_the_audience_of_an_identity_token_is_the_host_of_the_url(audience: str) -> None:
    executor(secrets=SECRETS).check({"url": URL, "auth": {"google_id_token": audience}}, project="acme")


@pytest.mark.parametrize("auth", [{"bearer": "any/NAME"}, {"basic": "any/NAME"}])
def test_a_process_without_secrets_checks_the_form_of_the_name(auth: Any) -> None:
    executor(secrets=None).check({"url": URL, "auth": auth}, project="any")
    with pytest.raises(InvalidArgument):
        executor(secrets=None).check({"url": URL, "auth": dict.fromkeys(auth, "NAME")}, project="any")


async def test_another_projects_secret_is_sent_to_nobody(context: RunContext) -> None:
    async with serving(answer("200 OK", b"{}")) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/", "auth": {"bearer": "other/CRM"}}

        outcome = await executor(secrets=SECRETS).execute(config, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("invalid_config", False)
    assert "acme/" in outcome.message
    assert server.requests == []


ECHO = {
    "headers": {"X-Key": "kept-in-a-header"},
    "auth": {"basic": "acme/LOGIN"},
    "secret": "acme/DIGEST",
}
GIVEN_BACK = json.dumps(
    {"x-key": "kept-in-a-header", "basic": b64encode(SECRETS["acme/LOGIN"].encode()).decode(), "all": SECRETS}
)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", {}),
        ("500 Internal Server Error", {}),
        ("400 Bad Request", {"content_type": "application/problem+json"}),
        ("302 Found", {"location": "https://example.com/?key=kept-in-a-header&crm=s3cr3t-token"}),
    ],
)
@pytest.mark.parametrize("form", ["json", "text", "detail", "cut"])
async def test_no_response_gives_credentials_back(
    form: str, status: str, headers: dict[str, str], context: RunContext
) -> None:
    body = {
        "json": GIVEN_BACK,
        "text": f"not JSON: {GIVEN_BACK}",
        "detail": json.dumps({"detail": GIVEN_BACK}),
        # The quotation ends after 500 characters, inside the secret.
        "cut": f"{'x' * 492}kept-in-a-header",
    }[form]
    async with serving(answer(status, body.encode(), **headers)) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/", **ECHO}

        outcome = await executor(secrets=SECRETS).execute(config, context)

    kept = json.dumps(outcome.result) if isinstance(outcome, Succeeded) else outcome.message
    secrets = [*SECRETS.values(), "kept-in-a-header", b64encode(SECRETS["acme/LOGIN"].encode()).decode(), "kept-in"]
    assert [secret for secret in secrets if secret in kept] == []
    assert "***" in kept


def _token(expires: datetime) -> str:
    claims = urlsafe_b64encode(json.dumps({"exp": int(expires.timestamp())}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


async def test_an_identity_token_authorizes_the_request(context: RunContext, tmp_path: Path) -> None:
    asked: list[str] = []
    server_tls, client_tls = contexts("review.run.app", directory=tmp_path)

    async def here(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async def fetch(audience: str) -> str:
        asked.append(audience)
        return _token(NOON + timedelta(hours=1))

    async with serving(answer("200 OK", b"{}"), tls=server_tls) as server:
        host = f"review.run.app:{server.port}"
        audience = f"https://{host}"
        config = {"url": f"{audience}/run", "auth": {"google_id_token": audience}}
        http = executor(fetch_token=fetch, allowed_hosts=[host], resolve=here, tls=client_tls)

        outcome = await http.execute(config, context)

    assert outcome == Succeeded({})
    assert server.requests[0].headers["authorization"] == f"Bearer {_token(NOON + timedelta(hours=1))}"
    assert asked == [audience]


async def test_without_an_identity_token_the_attempt_may_be_repeated(context: RunContext) -> None:
    async def fetch(audience: str) -> str:
        raise NoIdentityToken(f"no token for {audience}")

    config = {"url": URL, "auth": {"google_id_token": "https://review.run.app"}}

    outcome = await executor(fetch_token=fetch).execute(config, context)

    assert outcome == Failed("no_identity_token", "no token for https://review.run.app", retryable=True)


async def test_a_token_is_used_until_five_minutes_before_it_expires() -> None:
    now = NOON
    fetched: list[str] = []

    async def fetch(audience: str) -> str:
        fetched.append(f"{audience} {now - NOON}")
        return _token(now + timedelta(hours=1))

    tokens = IdentityTokens(now=lambda: now, fetch=fetch)
    first = await tokens.token("a")
    now = NOON + timedelta(minutes=54, seconds=59)
    assert await tokens.token("a") == first
    await tokens.token("b")
    now = NOON + timedelta(minutes=55)
    assert await tokens.token("a") != first

    assert fetched == ["a 0:00:00", "b 0:54:59", "a 0:55:00"]


@pytest.mark.parametrize("token", ["", "a.b", "a.!.c", "a.e30.c", "a.eyJleHAiOiAieCJ9.c", "a.eyJleHAiOiAxZTQwMH0.c"])
async def test_a_token_that_cannot_be_read_is_none(token: str) -> None:
    async def fetch(_audience: str) -> str:
        return token

    with pytest.raises(NoIdentityToken):
        await IdentityTokens(now=lambda: NOON, fetch=fetch).token("a")


FETCH = """
import anyio
from tock.executors.outbound.identity_token import fetch_identity_token
print(anyio.run(fetch_identity_token, "https://review.run.app"))
"""


@pytest.mark.parametrize(("status", "code"), [("200 OK", 0), ("404 Not Found", 1)])
async def test_the_metadata_server_gives_the_token(status: str, code: int) -> None:
    token = _token(NOON)
    async with serving(
        answer(status, token.encode(), metadata_flavor="Google", content_type="application/text")
    ) as server:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "GCE_METADATA_HOST": f"127.0.0.1:{server.port}",
        }
        ended = await anyio.run_process(
            [sys.executable, "-c", FETCH], env=environment, check=False, stderr=subprocess.PIPE
        )

    assert ended.returncode == code, ended.stderr
    assert server.requests[0].line.startswith(
        "GET /computeMetadata/v1/instance/service-accounts/default/identity?audience=https%3A%2F%2Freview.run.app"
    )
    assert server.requests[0].headers["metadata-flavor"] == "Google"
    assert ended.stdout.decode().strip() == (token if code == 0 else "")
    assert (b"NoIdentityToken" in ended.stderr) is (code == 1)
