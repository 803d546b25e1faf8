"""People who talk with runs: they answer what waits, send messages, resume conversations, and run commands."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from chaos.load.resources import CHECK, CODER, TALKER
from tock.core.run.outcome import WaitFor
from tock.core.run.run_token import RunTokens

#: What they do, with the weight of each.
ACTS = {"answer": 12, "steer": 6, "go on": 6, "exec": 4}
#: The probability that somebody else answers at once too.
_TWO_ANSWER = 0.3

#: Starts a run by a request, with a path, a project, a body and a key, and repeats the request now and then.
Launch = Callable[[httpx.AsyncClient, str, str, dict[str, Any], str], Awaitable[httpx.Response]]


@dataclass(slots=True)
class Talkers:
    """Sends requests about runs to `api`; a status that is no success is an answer like any other."""

    tokens: RunTokens
    #: The notes of the answers that were accepted, by project and run.
    accepted: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    #: Every message that somebody tried to send.
    sent: set[str] = field(default_factory=set)
    #: Whether somebody may answer a run, by project and run, for each that was found waiting.
    _answers: dict[tuple[str, str], bool] = field(default_factory=dict)

    async def act(
        self, client: httpx.AsyncClient, act: str, *, project: str, rng: random.Random, launch: Launch
    ) -> int | str:
        """Do one of `ACTS` to one of the newest runs, and return the status of the answer."""
        match act:
            case "answer":
                return await self._answer(client, project=project, rng=rng)
            case "steer":
                return await self._steer(client, project=project, rng=rng)
            case "go on":
                agent = rng.choice([TALKER, TALKER, CODER])
                found = await _one_of(client, project, {"agent": agent, "status": "succeeded"}, rng=rng)
                verb, body = "resume", {"feedback": "Go on."}
            case _:
                found = await _one_of(client, project, {"agent": CODER, "status": "succeeded"}, rng=rng)
                verb, body = "exec", {"command": CHECK}
        if found is None:
            return "nothing to do"
        path = f"/projects/{project}/runs/{found['id']}:{verb}"
        return (await launch(client, path, project, body, f"{verb}-{rng.random()}")).status_code

    async def _answer(self, client: httpx.AsyncClient, *, project: str, rng: random.Random) -> int | str:
        """Answer a run that waits. Every second one that is found is left to its deadline, which must show as well."""
        waiting = await _newest(client, project, {"status": "waiting"})
        may = [each for each in waiting if self._may_answer(project, each["id"])]
        if not may:
            return "nothing to do"
        found, status = rng.choice(may), 0
        for _ in range(1 + (rng.random() < _TWO_ANSWER)):
            status = await self._give(client, project=project, run=found, note=f"answer-{rng.random()}", rng=rng)
        return status

    def _may_answer(self, project: str, run: str) -> bool:
        return self._answers.setdefault((project, run), len(self._answers) % 2 == 0)

    async def _give(
        self, client: httpx.AsyncClient, *, project: str, run: dict[str, Any], note: str, rng: random.Random
    ) -> int:
        path, headers = f"/projects/{project}/runs/{run['id']}", {}
        attempt = run["attempts"][-1]["number"]
        if run["attempts"][-1]["wait"]["wait_for"] == WaitFor.CALLBACK:
            path, headers = f"{path}:callback", {"Authorization": f"Bearer {self._token(project, run['id'])}"}
            answer = await client.post(path, params={"attempt": attempt}, json={"note": note}, headers=headers)
        else:
            path = f"{path}:{rng.choice(['approve', 'approve', 'reject'])}"
            answer = await client.post(path, json={"note": note, "attempt": attempt})
        if answer.is_success:
            self.accepted.setdefault((project, run["id"]), set()).add(note)
        return answer.status_code

    def _token(self, project: str, run: str) -> str:
        return self.tokens.token(project=project, run=run)

    async def _steer(self, client: httpx.AsyncClient, *, project: str, rng: random.Random) -> int | str:
        found = await _one_of(client, project, {"agent": TALKER, "status": "running"}, rng=rng)
        if found is None:
            return "nothing to do"
        message = f"message-{rng.random()}"
        self.sent.add(message)
        headers = {"Idempotency-Key": message}
        path = f"/projects/{project}/runs/{found['id']}:steer"
        return (await client.post(path, json={"message": message}, headers=headers)).status_code


async def _one_of(
    client: httpx.AsyncClient, project: str, query: dict[str, str], *, rng: random.Random
) -> dict[str, Any] | None:
    """Return one of the newest runs that match, or None."""
    runs = await _newest(client, project, query)
    return rng.choice(runs) if runs else None


async def _newest(client: httpx.AsyncClient, project: str, query: dict[str, str]) -> list[dict[str, Any]]:
    found = await client.get(f"/projects/{project}/runs", params={"page_size": "20"} | query)
    runs: list[dict[str, Any]] = found.json()["runs"] if found.is_success else []
    return runs
