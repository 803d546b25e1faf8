"""The functions on real parts: Firestore's emulator, the Cloud Tasks emulator, and the executors."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tock.app.execution.execute import Delivery, execute
from tock.app.services import Services
from tock.core.run.run_token import RunTokens
from tock.web.api.app import create_app
from tock.web.deployment import Access, Deployment
from tock.web.functions.trigger_and_retry import handle_retry, handle_trigger

ADMIN_KEY = "the-key-of-this-deployment"
ADMIN_KEY_HASH = hashlib.sha256(ADMIN_KEY.encode()).hexdigest()
ORIGIN = "https://tock.test"
#: Where a local stack is reached.
LOCAL = "http://127.0.0.1:8625"
RUN_TOKENS = RunTokens("the-key-of-run-tokens-in-these-tests")
DIGEST = {"id": "digest", "kind": "python", "config": {"callable": "web.sample_agents:digest"}}
BROKEN = {"id": "broken", "kind": "python", "config": {"callable": "web.sample_agents:broken"}}
WAITS = {"id": "waits", "kind": "python", "config": {"callable": "web.sample_agents:waits"}}
DAILY = {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"}


class NobodyVerifies:
    """A verifier that accepts no identity token, since these tests use API keys."""

    async def email(self, token: str, *, audience: str) -> str | None:
        assert token
        assert audience
        return None


@dataclass(frozen=True)
class Rig:
    """A deployment, and clients of its functions with the admin key."""

    deployment: Deployment
    api: httpx.AsyncClient
    trigger: httpx.AsyncClient
    retry: httpx.AsyncClient

    @property
    def services(self) -> Services:
        return self.deployment.services

    async def make_project(self, project: str = "acme") -> None:
        created(await self.api.post("/v1/projects", json={"id": project}))
        created(await self.api.post(f"/v1/projects/{project}/agents", json=DIGEST))

    async def make_trigger(self, trigger: str = "morning", **fields: Any) -> dict[str, Any]:
        body = {"id": trigger, "agent": "digest", "schedule": DAILY} | fields
        return created(await self.api.post("/v1/projects/acme/triggers", json=body))

    async def execute(self, run: dict[str, Any]) -> dict[str, Any]:
        """Execute the run's current attempt as its delivery does; return the run after it."""
        await execute(
            self.services, Delivery(project=run["project"], run=run["id"], attempt=run["attempt"], dispatch=1)
        )
        return ok(await self.api.get(f"/v1/projects/{run['project']}/runs/{run['id']}"))

    async def start(self, path: str = "agents/digest", **body: Any) -> dict[str, Any]:
        answer = await self.api.post(f"/v1/projects/acme/{path}:run", json=body)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())


def make_rig(services: Services, access: Access) -> Rig:
    deployment = Deployment(services=services, access=access, tokens=NobodyVerifies())
    origin = LOCAL if access.local else ORIGIN
    return Rig(
        deployment=deployment,
        api=client_of(create_app(deployment), origin=origin),
        trigger=client_of(function_app(handle_trigger, deployment), origin=origin),
        retry=client_of(function_app(handle_retry, deployment), origin=origin),
    )


def function_app(
    function: Callable[[Request, Deployment], Awaitable[Response]], deployment: Deployment
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The function as the host calls it: with a request, for a response."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await function(Request(scope, receive), deployment)
        await response(scope, receive, send)

    return app


def client_of(app: Any, *, key: str | None = ADMIN_KEY, origin: str = ORIGIN) -> httpx.AsyncClient:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=origin, headers=headers)


def ok(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def created(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return dict(answer.json())


#: What the function under test returns to its host.
HOSTED: list[Any] = []
