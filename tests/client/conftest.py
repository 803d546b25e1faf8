"""The client against the real API, on the Firestore emulator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from google.cloud.firestore import AsyncClient as Firestore
from starlette.types import Receive, Scope, Send

from tock import AsyncClient, Client
from tock.store.changes import FirestoreChanges
from tock.web.api.app import create_app
from waiting import until
from web.conftest import cloud_tasks, empty, rig, services  # noqa: F401 - fixtures
from web.rig import ADMIN_KEY, ORIGIN, Rig


@pytest.fixture(autouse=True)
def _nothing_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the environment nor a profile nor a local stack says where Tock is."""
    for name in ("TOCK_SERVER", "TOCK_PROJECT", "TOCK_KEY", "TOCK_IDENTITY_TOKEN", "TOCK_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def client(rig: Rig) -> AsyncIterator[AsyncClient]:  # noqa: F811 - the fixture
    """A client of the project `acme` with the admin key."""
    async with client_of(rig) as client:
        yield client


def client_of(rig: Rig, *, key: str = ADMIN_KEY, **options: Any) -> AsyncClient:  # noqa: F811 - no fixture
    """A client of this deployment, without a server in between."""
    transport = httpx.ASGITransport(app=app_of(rig.api))
    return AsyncClient(ORIGIN, project="acme", key=key, transport=transport, **options)


def client_of_functions(rig: Rig) -> AsyncClient:  # noqa: F811 - no fixture
    """A client that finds the functions at https://trigger.test and https://retry.test, and nothing else."""
    apps = {"trigger.test": app_of(rig.trigger), "retry.test": app_of(rig.retry)}

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][0]](scope, receive, send)

    return AsyncClient(ORIGIN, project="acme", key=ADMIN_KEY, transport=httpx.ASGITransport(app=route))


def app_of(client: httpx.AsyncClient) -> Any:
    return client._transport.app  # type: ignore[attr-defined] # all clients of a rig have one


@dataclass(frozen=True)
class Hosted:
    """The API behind a real HTTP server."""

    rig: Rig
    url: str
    server: uvicorn.Server

    def client(self, **options: Any) -> AsyncClient:
        return AsyncClient(self.url, project="acme", key=ADMIN_KEY, **options)

    def blocking(self, **options: Any) -> Client:
        return Client(self.url, project="acme", key=ADMIN_KEY, **options)


@pytest.fixture
async def hosted(rig: Rig, firestore_client: Firestore) -> AsyncIterator[Hosted]:  # noqa: F811 - the fixture
    """The API with live events, behind a real HTTP server."""
    changes = FirestoreChanges(firestore_client)
    deployment = replace(rig.deployment, services=replace(rig.services, changes=changes))
    async with _serving(replace(rig, deployment=deployment)) as found:
        yield found
    await until(lambda: changes.streams == 0)


@asynccontextmanager
async def _serving(rig: Rig) -> AsyncIterator[Hosted]:  # noqa: F811 - no fixture
    config = uvicorn.Config(create_app(rig.deployment), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Hosted(rig=rig, url=f"http://127.0.0.1:{port}", server=server)
    server.should_exit = True
    await serving
