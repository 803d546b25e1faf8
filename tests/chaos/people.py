"""People who manage triggers and runs while everything breaks: they edit, pause, delete, start, repeat and cancel."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import anyio
import httpx

from chaos.load import PROJECTS, a_schedule, a_trigger, agents, an_input
from tock.bootstrap.system import SystemClock

#: How long somebody waits for an answer before doing something else.
IMPATIENCE = 10.0
_AT_ONCE = 8
#: How many people there are.
MANY = 3
#: How often somebody who was answered asks once more under the same key.
_AGAIN = 0.3
_ACTS = {"edit": 12, "label": 2, "pause": 5, "resume": 6, "delete": 2, "create": 3, "start": 6, "retry": 4, "cancel": 5}


class Refused(Exception):
    """A request that nothing stood in the way of was refused; the message is the answer."""


@dataclass(slots=True)
class People:
    """Acts at random, by the seed, through the functions `api`, `trigger` and `retry`."""

    urls: Mapping[str, str]
    seed: int
    end: datetime
    lease: timedelta
    #: Every trigger that anybody asked for, (project, id), whether or not the answer came.
    triggers: list[tuple[str, str]] = field(default_factory=list)
    #: What was done, and how it was answered.
    answers: Counter[str] = field(default_factory=Counter)
    #: The runs that requests to start or repeat one were answered with, by project and idempotency key.
    answered: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _agent_of: dict[tuple[str, str], str] = field(default_factory=dict)

    async def set_up(self, count: int) -> None:
        """Create the projects, the agents and this many triggers, while all is well. Raises Refused."""
        chance = random.Random(f"load {self.seed}")
        crowd = anyio.CapacityLimiter(_AT_ONCE)
        async with self._client(timeout=60) as client, anyio.create_task_group() as tasks:
            for project in PROJECTS:
                _require(await client.post("/projects", json={"id": project, "name": project}))
                for agent in agents():
                    _require(await client.post(f"/projects/{project}/agents", json=agent))

            async def create() -> None:
                async with crowd:
                    project, body = self._new_trigger(chance)
                    _require(await client.post(f"/projects/{project}/triggers", json=body))

            for _ in range(count):
                tasks.start_soon(create)

    async def live(self, number: int) -> None:
        """Be one person: do one thing after the other until cancelled."""
        chance = random.Random(f"person {number} {self.seed}")
        async with self._client(timeout=IMPATIENCE) as client:
            while True:
                await anyio.sleep(chance.uniform(0.2, 1.4))
                [act] = chance.choices(list(_ACTS), weights=list(_ACTS.values()))
                try:
                    status = await self._do(client, act, chance=chance)
                except httpx.HTTPError as exc:
                    # Nobody knows whether it happened; whatever did must be on record.
                    self.answers[f"{act}: {type(exc).__name__}"] += 1
                else:
                    self.answers[f"{act}: {status}"] += 1

    async def _do(self, client: httpx.AsyncClient, act: str, *, chance: random.Random) -> int | str:
        project, trigger = chance.choice(self.triggers)
        path = f"/projects/{project}/triggers/{trigger}"
        match act:
            case "edit":
                answer = await client.patch(path, json=self._changes(self._agent_of[project, trigger], chance=chance))
            case "label":
                answer = await client.patch(path, json={"name": f"name {chance.random()}"})
            case "pause" | "resume":
                answer = await client.post(f"{path}:{'disable' if act == 'pause' else 'enable'}")
            case "delete":
                answer = await client.delete(path)
            case "create":
                project, body = self._new_trigger(chance)
                answer = await client.post(f"/projects/{project}/triggers", json=body)
            case "start":
                key = f"start-{chance.random()}"
                # The message is the key, so that a record names the request that it comes from.
                body = {"project": project, "trigger": trigger, "input": {"message": key}}
                answer = await self._launch(client, "trigger", body=body, key=key, again=chance.random() < _AGAIN)
            case _:
                return await self._treat_a_run(client, act, project=project, chance=chance)
        return answer.status_code

    async def _launch(
        self, client: httpx.AsyncClient, function: str, *, body: dict[str, Any], key: str, again: bool
    ) -> httpx.Response:
        """Ask for a run, and again under the same key when no answer comes, or for good measure: one run."""
        for _ in range(2):
            try:
                answer = await self._ask(client, function, body=body, key=key)
            except httpx.HTTPError:
                await anyio.sleep(1)
            else:
                if not again or not answer.is_success:
                    return answer
        return await self._ask(client, function, body=body, key=key)

    async def _ask(self, client: httpx.AsyncClient, function: str, *, body: dict[str, Any], key: str) -> httpx.Response:
        answer = await client.post(self.urls[function], json=body, headers={"Idempotency-Key": key})
        if answer.is_success:
            self.answered.setdefault((body["project"], key), set()).add(answer.json()["id"])
        return answer

    async def _treat_a_run(
        self, client: httpx.AsyncClient, act: str, *, project: str, chance: random.Random
    ) -> int | str:
        query = {"page_size": "20"} if act == "retry" else {"page_size": "20", "status": "running"}
        found = await client.get(f"/projects/{project}/runs", params=query)
        if not found.is_success:
            return found.status_code
        settled = {"succeeded", "failed", "timed_out", "cancelled", "skipped"}
        runs = [run for run in found.json()["runs"] if act == "cancel" or run["status"] in settled]
        if not runs:
            return "nothing to do"
        run = chance.choice(runs)["id"]
        if act == "retry":
            body, key = {"project": project, "run": run}, f"retry-{chance.random()}"
            answer = await self._launch(client, "retry", body=body, key=key, again=chance.random() < _AGAIN)
            return answer.status_code
        return (await client.post(f"/projects/{project}/runs/{run}:cancel", json={})).status_code

    def _new_trigger(self, chance: random.Random) -> tuple[str, dict[str, Any]]:
        project = chance.choice(PROJECTS)
        now = SystemClock().now()
        body = a_trigger(len(self.triggers) + 1, chance=chance, now=now, end=self.end, lease=self.lease)
        self.triggers.append((project, body["id"]))
        self._agent_of[project, body["id"]] = body["agent"]
        return project, body

    def _changes(self, agent: str, *, chance: random.Random) -> dict[str, Any]:
        changes: list[dict[str, Any]] = [
            {"schedule": a_schedule(agent, chance=chance, now=SystemClock().now(), end=self.end)},
            {"overlap": chance.choice(["skip", "queue", "parallel", "replace"])},
            {"input": an_input(chance=chance, lease=self.lease)},
            {"catch_up": {"mode": chance.choice(["latest", "all", "none"])}},
        ]
        return chance.choice(changes)

    def _client(self, *, timeout: float) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"{self.urls['api']}v1", timeout=timeout, trust_env=False)


def _require(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise Refused(f"{answer.status_code} for {answer.request.content!r}: {answer.text}")
