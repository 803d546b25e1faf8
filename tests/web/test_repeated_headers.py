"""A header that decides something comes once, at every function: two readers could each take another one of two."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tock.auth.identity_token import SIGNATURE_REMOVED
from tock.auth.oidc import CertificateFile, OidcTokens
from tock.bootstrap.system_clock import SystemClock
from tock.local.identity.token_issuer import TokenIssuer
from tock.web.api.app import create_app
from tock.web.functions.run import handle_run
from tock.web.functions.tick import handle_tick
from tock.web.functions.trigger_and_retry import handle_retry, handle_trigger
from tock.web.requests import SINGLE_HEADERS
from web.rig import ADMIN_KEY, Rig, client_of, function_app, problem

pytestmark = pytest.mark.anyio
SERVICE, TICK, RUN = "tock@acme.example", "https://tick.example/", "https://run.example/"
FUNCTIONS = ["tick", "run", "trigger", "retry", "api"]
DELIVERY = {"project": "acme", "run": "nothing", "attempt": 1, "dispatch": 1}
BODIES = {
    "tick": {},
    "run": DELIVERY,
    "trigger": {"project": "acme", "agent": "digest"},
    "retry": {"project": "acme", "run": "r"},
    "api": {"id": "second"},
}


@pytest.fixture
def issuer(tmp_path: Path) -> TokenIssuer:
    return TokenIssuer.load(tmp_path / "identity")


@pytest.fixture
async def functions(rig: Rig, issuer: TokenIssuer) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """All five functions behind IAM, each with a client that sends no Authorization of its own."""
    access = replace(rig.deployment.access, service_accounts=frozenset({SERVICE}), tick_audience=TICK, run_audience=RUN)
    tokens = OidcTokens(certificates=CertificateFile(issuer.certificates), clock=SystemClock(), behind_iam=True)
    deployment = replace(rig.deployment, access=access, tokens=tokens)
    handlers = {"tick": handle_tick, "run": handle_run, "trigger": handle_trigger, "retry": handle_retry}
    clients = {name: client_of(function_app(handler, deployment), key=None) for name, handler in handlers.items()}
    clients["api"] = client_of(create_app(deployment), key=None)
    yield clients
    for client in clients.values():
        await client.aclose()


def credentials(issuer: TokenIssuer, function: str) -> tuple[str, str]:
    """A good Authorization for the function, and one of the caller's own making that Cloud Run would not admit."""
    if function not in {"tick", "run"}:
        return f"Bearer {ADMIN_KEY}", "Bearer made-up"
    audience = {"tick": TICK, "run": RUN}[function]
    token = issuer.token(email=SERVICE, audience=audience, now=SystemClock().now())
    return f"Bearer {token}", f"Bearer {token.rpartition('.')[0]}.{SIGNATURE_REMOVED}"


async def post(client: httpx.AsyncClient, function: str, headers: list[tuple[str, str]]) -> httpx.Response:
    return await client.post({"api": "/v1/projects"}.get(function, "/"), json=BODIES[function], headers=headers)


@pytest.mark.parametrize("function", FUNCTIONS)
async def test_two_authorization_headers_are_refused_whichever_comes_first(
    functions: dict[str, httpx.AsyncClient], issuer: TokenIssuer, function: str
) -> None:
    good, made_up = credentials(issuer, function)

    for first, second in ((good, made_up), (made_up, good), (good, good)):
        answer = await post(functions[function], function, [("Authorization", first), ("authorization", second)])

        [error] = problem(answer, 400)["errors"]
        assert (error["field"], error["message"]) == ("Authorization", "comes 2 times: send it once")
        assert "value" not in error
        assert first.split()[1] not in answer.text


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", sorted({*SINGLE_HEADERS, "Idempotency-Key", "If-Match", "X-Serverless-Authorization"}))
async def test_every_header_that_decides_something_comes_once(
    functions: dict[str, httpx.AsyncClient], issuer: TokenIssuer, function: str, name: str
) -> None:
    good, _ = credentials(issuer, function)
    headers = [] if name == "authorization" else [("Authorization", good)]

    answer = await post(functions[function], function, [*headers, (name, "7"), (name, "7"), (name, "7")])

    fields = {error["field"].lower(): error["message"] for error in problem(answer, 400)["errors"]}
    assert fields[name.lower()].startswith(("comes 3 times", "comes 4 times"))


@pytest.mark.parametrize("function", FUNCTIONS)
async def test_headers_that_proxies_repeat_may_come_again(
    functions: dict[str, httpx.AsyncClient], issuer: TokenIssuer, function: str
) -> None:
    good, _ = credentials(issuer, function)
    repeated = [(name, "a") for name in ("Accept", "X-Forwarded-For", "Via", "Forwarded", "Cookie")]

    answer = await post(functions[function], function, [("Authorization", good), *repeated, *repeated])

    assert answer.status_code in {200, 201, 202, 404}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
async def test_the_scheme_may_be_written_in_any_case(
    functions: dict[str, httpx.AsyncClient], issuer: TokenIssuer, function: str, scheme: str
) -> None:
    good, _ = credentials(issuer, function)

    answer = await post(functions[function], function, [("Authorization", good.replace("Bearer", scheme))])

    assert answer.status_code in {200, 201, 202, 404}
