"""A deployment for each kind: the real API, store and engine, and one agent of the kind."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from google.cloud.firestore import AsyncClient

from contract.kinds import KINDS, Kind
from tock.app.services import Services
from tock.core.timing import Timing
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.store.changes import FirestoreChanges
from tock.web.deployment import Access
from waiting import TIMEOUT
from web.conftest import cloud_tasks, services  # noqa: F401 - fixtures
from web.rig import ADMIN_KEY_HASH, RUN_TOKENS, Rig, client_of, created, make_rig, ok

#: Beside an agent whose kind lacks an ability, one whose kind has all of them.
_ABLE = PythonExecutor(modules=[])


@dataclass(frozen=True)
class Contract:
    """The deployment, and the kind that is held to the contract."""

    rig: Rig
    kind: Kind
    folder: Path

    async def begin(self, message: str, **body: Any) -> dict[str, Any]:
        """Start a run with this message; nobody executes it yet."""
        self.kind.prepare(message)
        given = {"message": message, "payload": {"file": str(self.folder / "stopped")}}
        return await self.rig.start("agents/held", input=given, retry={"max_retries": 0}, **body)

    async def settled(self, message: str) -> dict[str, Any]:
        """Return a run with this message after its last leg; a callback agent calls back."""
        run = await self.rig.execute(await self.begin(message))
        if self.kind.callback is None:
            return run
        assert run["status"] == "waiting", run
        error = {"error": {"type": "http_404", "message": "no such page"}}
        body = {"work": ["work"], "nothing": None, "fail": error}[message]
        told = self.kind.callback()
        agent = client_of(self.rig.api._transport.app, key=told["token"])  # type: ignore[attr-defined]
        ok(await agent.post(told["url"], json=body))
        return await self.rig.execute(await self.run(run))

    async def run(self, run: dict[str, Any]) -> dict[str, Any]:
        return ok(await self.rig.api.get(f"/v1/projects/acme/runs/{run['id']}"))

    async def events(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the events that the agent sent."""
        return [
            event
            for event in await self.all_events(run)
            if not event["kind"].startswith("run.") and event["kind"] != "log"
        ]

    async def all_events(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        page = ok(await self.rig.api.get(f"/v1/projects/acme/runs/{run['id']}/events"))
        return list(page["events"])

    async def verb(self, run: dict[str, Any], verb: str, **body: Any) -> Any:
        return await self.rig.api.post(f"/v1/projects/acme/runs/{run['id']}:{verb}", json=body)

    async def at_work(self, run: dict[str, Any]) -> Any:
        """Wait until the agent is at work, and return the data of its first event, or None if it tells nothing."""
        with anyio.fail_after(TIMEOUT):
            while (await self.run(run))["status"] != "running" or (self.kind.tells and not await self.events(run)):
                await anyio.sleep(0.1)
        return (await self.events(run))[0]["data"] if self.kind.tells else None

    async def told(self, run: dict[str, Any]) -> None:
        """Wait until an attempt has taken the messages to the run."""
        with anyio.fail_after(TIMEOUT):
            while "run.signal" not in [event["kind"] for event in await self.all_events(run)]:
                await anyio.sleep(0.1)


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
        yield Contract(rig, kind, tmp_path)
