"""The project `acme` of a deployment, used through its API."""

from dataclasses import dataclass
from typing import Any

import anyio
import httpx

from contract.kinds import Kind
from waiting import TIMEOUT
from web.rig import ok

PROJECT = "/v1/projects/acme"


@dataclass(frozen=True)
class Project:
    """The project, and the runs of its agents."""

    api: httpx.AsyncClient

    async def start(self, agent: str, message: str, **body: Any) -> dict[str, Any]:
        """Start a run of an agent with this message."""
        given = {"input": {"message": message}, "retry": {"max_retries": 0}, **body}
        answer = await self.api.post(f"{PROJECT}/agents/{agent}:run", json=given)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    async def run(self, run: dict[str, Any]) -> dict[str, Any]:
        return ok(await self.api.get(f"{PROJECT}/runs/{run['id']}"))

    async def verb(self, run: dict[str, Any], verb: str, **body: Any) -> httpx.Response:
        return await self.api.post(f"{PROJECT}/runs/{run['id']}:{verb}", json=body)

    async def all_events(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        page = ok(await self.api.get(f"{PROJECT}/runs/{run['id']}/events"))
        return list(page["events"])

    async def events(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the events that the agent sent."""
        return [
            event
            for event in await self.all_events(run)
            if not event["kind"].startswith("run.") and event["kind"] != "log"
        ]

    async def at_work(self, run: dict[str, Any], kind: Kind) -> Any:
        """Wait until the agent is at work, and return the data of its last event, or None if it tells nothing."""
        with anyio.fail_after(TIMEOUT):
            while (await self.run(run))["status"] != "running" or (kind.tells and not await self.events(run)):
                await anyio.sleep(0.02)
            while not kind.is_at_work():
                await anyio.sleep(0.02)
        return (await self.events(run))[-1]["data"] if kind.tells else None

    async def told(self, run: dict[str, Any]) -> None:
        """Wait until an attempt has taken the messages to the run."""
        with anyio.fail_after(TIMEOUT):
            while "run.signal" not in [event["kind"] for event in await self.all_events(run)]:
                await anyio.sleep(0.02)

    async def once(self, run: dict[str, Any], *statuses: str) -> dict[str, Any]:
        """Wait until the run has one of these statuses, and return it."""
        with anyio.fail_after(TIMEOUT):
            while (found := await self.run(run))["status"] not in statuses:
                await anyio.sleep(0.02)
        return found
