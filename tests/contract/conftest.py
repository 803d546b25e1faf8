"""A deployment for each kind: the real API, store and engine, and one agent of the kind."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from contract.kinds import KINDS, Kind
from contract.project import Project
from tock.app.services import Services
from tock.core.timing import Timing
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.store.changes import FirestoreChanges
from tock.web.deployment import Access
from web.conftest import cloud_tasks, services  # noqa: F401 - fixtures
from web.rig import ADMIN_KEY_HASH, RUN_TOKENS, Rig, client_of, created, make_rig, ok

#: Beside an agent whose kind lacks an ability, one whose kind has all of them.
_ABLE = PythonExecutor(modules=[])


@dataclass(frozen=True)
class Contract(Project):
    """The project with an agent `held` of the kind that is held to the contract, and who executes its runs."""

    rig: Rig
    name: str
    kind: Kind
    folder: Path

    async def begin(self, message: str, **body: Any) -> dict[str, Any]:
        """Start a run with this message; nobody executes it yet."""
        self.kind.prepare(message)
        given = {"message": message, "payload": {"file": str(self.folder / "stopped")}}
        return await self.start("held", message, input=given, **body)

    async def settled(self, message: str) -> dict[str, Any]:
        """Return a run with this message after its last leg; a callback agent calls back."""
        run = await self.rig.execute(await self.begin(message))
        if self.kind.callback is None:
            return run
        assert run["status"] == "waiting", run
        error = {"error": {"type": "http_404", "message": "no such page"}}
        body = {"work": self.kind.results["work"], "nothing": None, "fail": error}[message]
        return await self.called_back(run, body)

    async def called_back(self, run: dict[str, Any], body: Any) -> dict[str, Any]:
        """Return the run after the leg that begins with this callback of its agent."""
        await self.as_agent("url", body)
        return await self.rig.execute(await self.run(run))

    async def as_agent(self, url: str, body: Any) -> None:
        """Send something to one of the URLs that the agent was given, with the token of its run."""
        assert self.kind.callback is not None
        told = self.kind.callback()
        agent = client_of(self.rig.api._transport.app, key=told["token"])  # type: ignore[attr-defined]
        ok(await agent.post(told[url], json=body))


@pytest.fixture(params=KINDS)
async def contract(
    request: pytest.FixtureRequest,
    services: Services,  # noqa: F811 - the fixture
    firestore_client: AsyncClient,
    tmp_path: Path,
) -> AsyncIterator[Contract]:
    """A deployment with an agent `held` of this kind."""
    set_up, how = KINDS[request.param]
    async with set_up(tmp_path, how) as kind:
        executors = [kind.executor] if kind.executor.kind == "python" else [kind.executor, _ABLE]
        timing = Timing(heartbeat=timedelta(seconds=1), lease=timedelta(seconds=10))
        changes = FirestoreChanges(firestore_client)
        rig = make_rig(
            replace(services, executors=Executors(executors), timing=timing, changes=changes),
            Access(admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RUN_TOKENS),
        )
        created(await rig.api.post("/v1/projects", json={"id": "acme"}))
        agent = {"id": "held", "kind": kind.executor.kind, "config": kind.config}
        created(await rig.api.post("/v1/projects/acme/agents", json=agent))
        yield Contract(rig.api, rig, request.param, kind, tmp_path)
