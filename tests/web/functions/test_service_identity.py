"""`tick` and `run` accept the service identity only, and without configuration nobody."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tock.auth.identity_token import SIGNATURE_REMOVED
from tock.auth.oidc import CertificateFile, OidcTokens
from tock.bootstrap.system_clock import SystemClock
from tock.local.identity.token_issuer import TokenIssuer
from tock.web.deployment import Access, Deployment
from tock.web.functions.run import handle_run
from tock.web.functions.tick import handle_tick
from web.rig import Rig, make_rig, problem

pytestmark = pytest.mark.anyio
SERVICE, TICK, RUN = "tock@acme.example", "https://tick.example/", "https://run.example/"
CONFIGURED = Access(service_accounts=frozenset({SERVICE}), tick_audience=TICK, run_audience=RUN)


@pytest.fixture
def identity(tmp_path: Path) -> TokenIssuer:
    return TokenIssuer.load(tmp_path / "identity")


@pytest.fixture
async def functions(rig: Rig, identity: TokenIssuer) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Both functions under each kind of access: configured, nothing configured, nothing configured but local."""
    tokens = OidcTokens(certificates=CertificateFile(identity.certificates), clock=SystemClock())
    deployment = Deployment(services=rig.services, access=CONFIGURED, tokens=tokens)
    kinds = {"configured": CONFIGURED, "unset": Access(), "local": Access(local=True)}
    clients = {name: _client(replace(deployment, access=access)) for name, access in kinds.items()}
    clients["behind iam"] = _client(replace(deployment, tokens=replace(tokens, behind_iam=True)))
    yield clients
    for client in clients.values():
        await client.aclose()


def _client(deployment: Deployment) -> httpx.AsyncClient:
    async def tick(request: Request) -> Response:
        return await handle_tick(request, deployment)

    async def run(request: Request) -> Response:
        return await handle_run(request, deployment)

    methods = ["GET", "POST"]
    app = Starlette(routes=[Route("/tick", tick, methods=methods), Route("/run", run, methods=methods)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


def _bearer(identity: TokenIssuer, *, email: str = SERVICE, audience: str = TICK) -> dict[str, str]:
    return {"Authorization": f"Bearer {identity.token(email=email, audience=audience, now=SystemClock().now())}"}


def _unsigned(headers: dict[str, str]) -> dict[str, str]:
    """What is left of a token that Cloud Run verified."""
    return {"Authorization": f"{headers['Authorization'].rpartition('.')[0]}.{SIGNATURE_REMOVED}"}


DELIVERY = {"project": "acme", "run": "nothing", "attempt": 1, "dispatch": 1}


async def test_the_service_identity_comes_in(functions: dict[str, httpx.AsyncClient], identity: TokenIssuer) -> None:
    ticked = await functions["configured"].post("/tick", json={}, headers=_bearer(identity))
    ran = await functions["configured"].post("/run", json=DELIVERY, headers=_bearer(identity, audience=RUN))

    assert {"due", "claimed", "enqueued", "skipped", "missed", "rescued", "failed", "lag"} <= set(ticked.json())
    assert (ran.status_code, ran.json()) == (200, {"receipt": "nothing_to_do"})


@pytest.mark.parametrize("function", ["tick", "run"])
async def test_everybody_else_is_refused(
    functions: dict[str, httpx.AsyncClient], identity: TokenIssuer, tmp_path: Path, function: str
) -> None:
    audience = {"tick": TICK, "run": RUN}[function]
    other = {"tick": RUN, "run": TICK}[function]
    foreign = TokenIssuer.load(tmp_path / "foreign")
    right = _bearer(identity, audience=audience)["Authorization"]
    refused = {
        "nothing": ({}, 401),
        "another scheme": ({"Authorization": right.replace("Bearer", "Basic")}, 401),
        "nonsense": ({"Authorization": "Bearer nonsense"}, 401),
        "another audience": (_bearer(identity, audience=other), 401),
        "another issuer's key": (_bearer(foreign, audience=audience), 401),
        "cut short": ({"Authorization": right[:-4]}, 401),
        "another account": (_bearer(identity, email="eve@acme.example", audience=audience), 403),
    }

    for name, (headers, status) in refused.items():
        answer = await functions["configured"].post(f"/{function}", json=DELIVERY, headers=headers)
        assert problem(answer, status)["transient"] is False, name


async def test_a_token_that_cloud_run_verified_comes_without_its_signature(
    functions: dict[str, httpx.AsyncClient], identity: TokenIssuer
) -> None:
    came_in = await functions["behind iam"].post("/tick", json={}, headers=_unsigned(_bearer(identity)))
    signed = await functions["behind iam"].post("/tick", json={}, headers=_bearer(identity))
    in_the_open = await functions["configured"].post("/tick", json={}, headers=_unsigned(_bearer(identity)))

    assert (came_in.status_code, signed.status_code) == (200, 200)
    assert problem(in_the_open, 401)["code"] == "unauthenticated"


async def test_behind_cloud_run_the_claims_still_have_to_hold(
    functions: dict[str, httpx.AsyncClient], identity: TokenIssuer
) -> None:
    right = _unsigned(_bearer(identity))
    long_ago = SystemClock().now() - timedelta(hours=2)
    old = identity.token(email=SERVICE, audience=TICK, now=long_ago)
    to_come = identity.token(email=SERVICE, audience=TICK, now=SystemClock().now() + timedelta(minutes=5))
    refused = {
        "another audience": (_unsigned(_bearer(identity, audience=RUN)), 401),
        "expired": (_unsigned({"Authorization": f"Bearer {old}"}), 401),
        "not issued yet": (_unsigned({"Authorization": f"Bearer {to_come}"}), 401),
        "no claims": ({"Authorization": f"Bearer a.b.{SIGNATURE_REMOVED}"}, 401),
        "claims of another kind": ({"Authorization": f"Bearer e30.W10.{SIGNATURE_REMOVED}"}, 401),
        "another header was verified": (right | {"X-Serverless-Authorization": "Bearer eve's own"}, 401),
        "another account": (_unsigned(_bearer(identity, email="eve@acme.example")), 403),
    }

    for name, (headers, status) in refused.items():
        answer = await functions["behind iam"].post("/tick", json={}, headers=headers)
        assert answer.status_code == status, name


@pytest.mark.parametrize("function", ["tick", "run"])
async def test_what_nobody_foresaw_is_logged_and_tells_nothing(
    rig: Rig, caplog: pytest.LogCaptureFixture, function: str
) -> None:
    async with _client(replace(make_rig(rig.services, Access(local=True)).deployment, services=None)) as client:
        with caplog.at_level(logging.ERROR, logger="tock"):
            answer = await client.post(f"/{function}", json=DELIVERY)

    assert problem(answer, 500)["code"] == "internal"
    assert "unhandled_error" in caplog.text


@pytest.mark.parametrize("function", ["tick", "run"])
async def test_with_nothing_configured_nobody_comes_in_except_beside_an_emulator(
    functions: dict[str, httpx.AsyncClient], identity: TokenIssuer, function: str
) -> None:
    shut = await functions["unset"].post(f"/{function}", json=DELIVERY, headers=_bearer(identity))
    open_ = await functions["local"].post(f"/{function}", json=DELIVERY)

    refused = problem(shut, 503)
    assert (refused["code"], refused["transient"]) == ("access_unset", False)
    assert "TOCK_SERVICE_ACCOUNT" in refused["detail"]
    assert open_.status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[]", "body"),
        (json.dumps(DELIVERY | {"attempt": 0}).encode(), "attempt"),
        (json.dumps(DELIVERY | {"extra": 1}).encode(), "extra"),
        (json.dumps({"project": "acme"}).encode(), "run"),
    ],
    ids=["a list", "attempt 0", "an unknown field", "no run"],
)
async def test_what_is_no_delivery_is_not_asked_for_again(
    functions: dict[str, httpx.AsyncClient], body: bytes, field: str
) -> None:
    answer = await functions["local"].post("/run", content=body)

    refused = problem(answer, 400)
    assert field in [error["field"] for error in refused["errors"]]


async def test_other_methods_are_refused(functions: dict[str, httpx.AsyncClient]) -> None:
    for function in ("tick", "run"):
        answer = await functions["local"].get(f"/{function}")
        assert (problem(answer, 405)["code"], answer.headers["Allow"]) == ("wrong_method", "POST")
