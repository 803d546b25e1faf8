"""People who edit, pause and delete triggers, and start, retry and cancel runs, while faults are injected."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import anyio
import httpx

from chaos.load.resources import PROJECTS, a_schedule, a_trigger, agents, an_input
from chaos.load.talkers import ACTS, Launch, Talkers
from tock.bootstrap.system_clock import SystemClock

#: Seconds after which a person stops waiting for an answer.
REQUEST_TIMEOUT = 10.0
_AT_ONCE = 8
#: How many people there are.
PEOPLE = 3
#: The probability that a person repeats an answered request with the same key.
_REPEATS = 0.3
#: The probability that a new trigger takes the id of a deleted one.
_TAKES_AN_ID = 0.5
_ACTS = {
    "edit": 12,
    "label": 2,
    "pause": 5,
    "resume": 6,
    "delete": 2,
    "create": 3,
    "start": 6,
    "retry": 4,
    "cancel": 5,
} | ACTS


class Refused(Exception):
    """A request was refused although no faults were injected; the message is the answer."""


@dataclass(slots=True)
class People:
    """Sends random requests, which the seed decides, to the functions `api`, `trigger` and `retry`."""

    urls: Mapping[str, str]
    seed: int
    end: datetime
    lease: timedelta
    talkers: Talkers
    #: Every trigger that somebody tried to create, by project and id.
    triggers: list[tuple[str, str]] = field(default_factory=list)
    #: How many requests of each kind had which answer.
    answers: Counter[str] = field(default_factory=Counter)
    #: The runs in the answers to requests that start or retry one, by project and idempotency key.
    answered: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _agent_of: dict[tuple[str, str], str] = field(default_factory=dict)
    #: The triggers that somebody tried to delete, whose ids nobody has taken again.
    _deleted: list[tuple[str, str]] = field(default_factory=list)

    async def set_up(self, count: int) -> None:
        """Create the projects, the agents and this many triggers, before the faults begin. Raises Refused."""
        rng = random.Random(f"load {self.seed}")
        limiter = anyio.CapacityLimiter(_AT_ONCE)
        async with self._client(timeout=60) as client, anyio.create_task_group() as tasks:
            for project in PROJECTS:
                _require(await client.post("/projects", json={"id": project, "name": project}))
                for agent in agents():
                    _require(await client.post(f"/projects/{project}/agents", json=agent))

            async def create() -> None:
                async with limiter:
                    project, body = self._new_trigger(rng)
                    _require(await client.post(f"/projects/{project}/triggers", json=body))

            for _ in range(count):
                tasks.start_soon(create)

    async def act(self, number: int) -> None:
        """Send the requests of one person until cancelled."""
        rng = random.Random(f"person {number} {self.seed}")
        async with self._client(timeout=REQUEST_TIMEOUT) as client:
            while True:
                await anyio.sleep(rng.uniform(0.2, 1.4))
                [act] = rng.choices(list(_ACTS), weights=list(_ACTS.values()))
                try:
                    status = await self._do(client, act, rng=rng)
                except httpx.HTTPError as exc:
                    # Ambiguous: if it took effect, the records must show it.
                    self.answers[f"{act}: {type(exc).__name__}"] += 1
                else:
                    self.answers[f"{act}: {status}"] += 1

    async def _do(self, client: httpx.AsyncClient, act: str, *, rng: random.Random) -> int | str:
        project, trigger = rng.choice(self.triggers)
        path = f"/projects/{project}/triggers/{trigger}"
        match act:
            case "edit":
                answer = await client.patch(path, json=self._changes(self._agent_of[project, trigger], rng=rng))
            case "label":
                answer = await client.patch(path, json={"name": f"name {rng.random()}"})
            case "pause" | "resume":
                answer = await client.post(f"{path}:{'disable' if act == 'pause' else 'enable'}")
            case "delete":
                answer = await client.delete(path)
                self._deleted.append((project, trigger))
            case "create":
                project, body = self._new_trigger(rng)
                answer = await client.post(f"/projects/{project}/triggers", json=body)
            case "start":
                key = f"start-{rng.random()}"
                # The message is the key, so that the record of a run names the request that started it.
                body = {"project": project, "trigger": trigger, "input": {"message": key}}
                again = rng.random() < _REPEATS
                answer = await self._launch(
                    client, self.urls["trigger"], project=project, body=body, key=key, again=again
                )
            case _ if act in ACTS:
                return await self.talkers.act(client, act, project=project, rng=rng, launch=self._launch_maybe(rng))
            case _:
                return await self._retry_or_cancel(client, act, project=project, rng=rng)
        return answer.status_code

    def _launch_maybe(self, rng: random.Random) -> Launch:
        async def launch(
            client: httpx.AsyncClient, url: str, project: str, body: dict[str, Any], key: str
        ) -> httpx.Response:
            again = rng.random() < _REPEATS
            return await self._launch(client, url, project=project, body=body, key=key, again=again)

        return launch

    async def _launch(
        self, client: httpx.AsyncClient, url: str, *, project: str, body: dict[str, Any], key: str, again: bool
    ) -> httpx.Response:
        """Start a run, and repeat the request with the same key if there is no answer, or if `again`."""
        for _ in range(2):
            try:
                answer = await self._send(client, url, project=project, body=body, key=key)
            except httpx.HTTPError:
                await anyio.sleep(1)
            else:
                if not again or not answer.is_success:
                    return answer
        return await self._send(client, url, project=project, body=body, key=key)

    async def _send(
        self, client: httpx.AsyncClient, url: str, *, project: str, body: dict[str, Any], key: str
    ) -> httpx.Response:
        answer = await client.post(url, json=body, headers={"Idempotency-Key": key})
        if answer.is_success:
            self.answered.setdefault((project, key), set()).add(answer.json()["id"])
        return answer

    async def _retry_or_cancel(
        self, client: httpx.AsyncClient, act: str, *, project: str, rng: random.Random
    ) -> int | str:
        query = {"page_size": "20"} if act == "retry" else {"page_size": "20", "status": "running"}
        found = await client.get(f"/projects/{project}/runs", params=query)
        if not found.is_success:
            return found.status_code
        settled = {"succeeded", "failed", "timed_out", "cancelled", "skipped"}
        runs = [run for run in found.json()["runs"] if act == "cancel" or run["status"] in settled]
        if not runs:
            return "nothing to do"
        run = rng.choice(runs)["id"]
        if act == "retry":
            body, key = {"project": project, "run": run}, f"retry-{rng.random()}"
            again = rng.random() < _REPEATS
            answer = await self._launch(client, self.urls["retry"], project=project, body=body, key=key, again=again)
            return answer.status_code
        return (await client.post(f"/projects/{project}/runs/{run}:cancel", json={})).status_code

    def _new_trigger(self, rng: random.Random) -> tuple[str, dict[str, Any]]:
        """Return the project and the body of a new trigger; now and then it takes the id of a deleted one."""
        project = rng.choice(PROJECTS)
        now = SystemClock().now()
        body = a_trigger(len(self.triggers) + 1, rng=rng, now=now, end=self.end, lease=self.lease)
        if self._deleted and rng.random() < _TAKES_AN_ID:
            project, body["id"] = self._deleted.pop()
        else:
            self.triggers.append((project, body["id"]))
        self._agent_of[project, body["id"]] = body["agent"]
        return project, body

    def _changes(self, agent: str, *, rng: random.Random) -> dict[str, Any]:
        changes: list[dict[str, Any]] = [
            {"schedule": a_schedule(agent, rng=rng, now=SystemClock().now(), end=self.end)},
            {"overlap": rng.choice(["skip", "queue", "parallel", "replace"])},
            {"input": an_input(rng=rng, lease=self.lease)},
            {"catch_up": {"mode": rng.choice(["latest", "all", "none"])}},
        ]
        return rng.choice(changes)

    def _client(self, *, timeout: float) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"{self.urls['api']}v1", timeout=timeout, trust_env=False)


def _require(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise Refused(f"{answer.status_code} for {answer.request.content!r}: {answer.text}")
