"""Every operation answers what the OpenAPI document says: the status, the headers and the body."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import httpx
import jsonschema
import pytest
from google.cloud.firestore import AsyncClient

from tock.core.run.outcome import Workspace
from tock.core.run.run import RunWorkspace
from tock.executors.callbacks import Callbacks
from tock.executors.command.allowed import Allowed, Command, Repository
from tock.executors.command.executor import CommandExecutor
from tock.executors.command.limits import WorkspaceLimits
from tock.executors.http.executor import HttpExecutor
from tock.executors.registry import Executors
from tock.ports.store import Change
from web.rig import BROKEN, DAILY, DIGEST, ORIGIN, RUN_TOKENS, WAITS, Rig, created, make_rig, ok

pytestmark = pytest.mark.anyio
ACME = "/v1/projects/acme"
CONTRACT_COMMANDS = CommandExecutor(
    commands=Allowed({"build": Command.model_validate({"argv": ["/bin/true"], "projects": ["acme"]})}),
    repositories=Allowed(
        {"shop": Repository.model_validate({"url": "file:///nowhere/shop.git", "projects": ["acme"]})}
    ),
    secrets=None,
    workspaces=WorkspaceLimits(),
)
#: Headers of an answer on which a client acts.
_HEADERS = {"etag", "location", "retry-after", "www-authenticate"}


class Contract:
    """Sends requests and checks requests and answers against the document."""

    def __init__(self, rig: Rig, document: dict[str, Any]) -> None:
        self._rig = rig
        self._document = document
        self.seen: set[tuple[str, str]] = set()

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int | None = None,
        api: httpx.AsyncClient | None = None,
        **sent: Any,
    ) -> Any:
        """Return the answer's body; the status must be that one or, if there is none, a success."""
        client = api or {"/trigger": self._rig.trigger, "/retry": self._rig.retry}.get(path, self._rig.api)
        answer = await client.request(method, path, json=body, **sent)
        template, operation = self._operation(method, path.partition("?")[0])
        if body is not None and status is None:
            self._validate(body, operation["requestBody"]["content"]["application/json"]["schema"])
        assert answer.is_success if status is None else answer.status_code == status, answer.text
        self._check(answer, operation["responses"][str(answer.status_code)])
        self.seen.add((method, template))
        return answer.json() if answer.content and "json" in answer.headers["Content-Type"] else None

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        for template, operations in self._document["paths"].items():
            if method.lower() in operations and self._fits(path, template):
                return template, operations[method.lower()]
        raise AssertionError(f"{method} {path} is not in the document")

    def _fits(self, path: str, template: str) -> bool:
        (given, _, verb), (shape, _, shaped_verb) = path.partition(":"), template.partition(":")
        pairs = list(zip(given.split("/"), shape.split("/"), strict=False))
        same_length = given.count("/") == shape.count("/")
        return same_length and verb == shaped_verb and all(a == b or b.startswith("{") for a, b in pairs)

    def _check(self, answer: httpx.Response, described: dict[str, Any]) -> None:
        for name, header in described.get("headers", {}).items():
            assert name in answer.headers or not header.get("required")
            if name in answer.headers:
                self._validate(answer.headers[name], header["schema"])
        undescribed = _HEADERS & answer.headers.keys() - {name.lower() for name in described.get("headers", {})}
        assert not undescribed
        if not answer.content:
            assert "content" not in described
            return
        kind = answer.headers["Content-Type"].partition(";")[0]
        for content in [answer.json()] if kind.endswith("json") else _server_sent(answer.text):
            self._validate(content, described["content"][kind]["schema"])

    def _validate(self, value: Any, schema: dict[str, Any]) -> None:
        whole = schema | {"components": self._document["components"]}
        validator = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
        validator.validate(value)


def _server_sent(text: str) -> list[dict[str, str]]:
    messages = [[line.partition(": ") for line in message.splitlines()] for message in text.strip().split("\n\n")]
    sent = [{name: value for name, _, value in fields} for fields in messages]
    return [fields for fields in sent if "data" in fields]


async def test_every_route_answers_what_the_document_says(rig: Rig, firestore_client: AsyncClient) -> None:
    document = ok(await rig.api.get("/v1/openapi.json"))
    contract = Contract(rig, document)
    call = contract.call

    await _call_for_projects(contract)
    key = await call("POST", f"{ACME}/api-keys", {"name": "ci"})
    await call("GET", f"{ACME}/api-keys")
    await call("DELETE", f"{ACME}/api-keys/{key['id']}")
    await call("POST", f"{ACME}/agents", BROKEN)
    await call("GET", f"{ACME}/agents")
    await call("GET", f"{ACME}/agents/broken")
    await call("PATCH", f"{ACME}/agents/broken", {"name": "Broken", "config": BROKEN["config"]})
    await call("PUT", f"{ACME}/agents/broken", {field: BROKEN[field] for field in ("kind", "config")})
    for name, schedule in {
        "daily": DAILY,
        "often": {"every": "15m"},
        "once": {"at": "2099-01-01T09:00:00+01:00"},
    }.items():
        await call("POST", f"{ACME}/triggers", {"id": name, "agent": "digest", "schedule": schedule})
    await call("GET", f"{ACME}/triggers")
    await call("GET", f"{ACME}/triggers/once")
    full = {"input": {"message": None}, "retry": {"max_retries": 1}, "schedule": {"every": "PT1H"}, "end": None}
    await call("PATCH", f"{ACME}/triggers/daily", full)
    await call("PUT", f"{ACME}/triggers/often", {"agent": "digest", "schedule": {"every": "PT2H"}})
    for verb, body in (("disable", {}), ("enable", None), ("duplicate", {"id": "like-daily"})):
        await call("POST", f"{ACME}/triggers/daily:{verb}", body)
    for verb in ("preview?count=3", "proof", "proof?occurrences=false", "why?at=2099-01-01T00:00:00Z"):
        await call("GET", f"{ACME}/triggers/daily:{verb}")
    await call("GET", f"{ACME}/triggers/daily/revisions?page_size=2")
    await call("GET", f"{ACME}/upcoming?limit=5")
    await call("POST", f"{ACME}/triggers:preview", {"schedule": DAILY, "from": "2027-03-27T00:00:00Z", "count": 5})
    headers = {"Idempotency-Key": "k"}
    run = await call(
        "POST", f"{ACME}/triggers/daily:run", {"input": {"payload": {}}, "timeout": "PT1M"}, headers=headers
    )
    await call("POST", f"{ACME}/triggers/daily:run", {"input": {"payload": {}}, "timeout": "PT1M"}, headers=headers)
    await rig.execute(run)
    failed = await call("POST", f"{ACME}/agents/broken:run", {"subject": "s"}, headers={"Idempotency-Key": "s"})
    await call("POST", f"{ACME}/agents/broken:run", {"subject": "s"}, headers={"Idempotency-Key": "s"})
    await rig.execute(failed)
    await call("POST", f"{ACME}/agents/digest:run")
    again = await call("POST", f"{ACME}/runs/{run['id']}:retry", {"model": "m"}, headers={"Idempotency-Key": "r"})
    await call("POST", f"{ACME}/runs/{run['id']}:retry", {"model": "m"}, headers={"Idempotency-Key": "r"})
    await call("POST", f"{ACME}/runs/{again['id']}:steer", {"message": "shorter"})
    await call("POST", f"{ACME}/runs/{again['id']}:cancel", {"reason": "enough"})
    await _call_for_conversations(contract, rig)
    await call("GET", f"{ACME}/runs")
    for identifier in (run["id"], failed["id"], again["id"]):
        await call("GET", f"{ACME}/runs/{identifier}")
    await _call_for_events(contract, run["id"])
    await _call_as_an_agent_elsewhere(contract, rig)
    await _call_for_the_unreadable(contract, firestore_client, run=failed["id"], agent="broken")
    await call("DELETE", f"{ACME}/triggers/often")
    await call("DELETE", f"{ACME}/agents/broken")
    started = await call("POST", "/trigger", {"project": "acme", "agent": "digest"}, headers={"Idempotency-Key": "t"})
    await call("POST", "/trigger", {"project": "acme", "agent": "digest"}, headers={"Idempotency-Key": "t"})
    await rig.execute(started)
    await call("POST", "/retry", {"project": "acme", "run": started["id"]})
    await call("GET", "/v1/health", status=503)

    assert contract.seen == set(routes(document))


async def _call_for_projects(contract: Contract) -> None:
    call = contract.call
    await call("POST", "/v1/projects", {"id": "second", "name": "Second"})
    await call("GET", "/v1/projects")
    await call("GET", "/v1/projects/second")
    await call("GET", "/v1/projects/second/usage?group_by=day")
    await call("GET", "/v1/projects/second/diagnosis")
    await call("POST", "/v1/projects/second:repair")
    await call("PATCH", "/v1/projects/second", {"name": None})
    await call("PUT", "/v1/projects/second", {"description": "the second"})
    await call("DELETE", "/v1/projects/second")


async def _call_for_conversations(contract: Contract, rig: Rig) -> None:
    call = contract.call
    for agent in ("asking", "questioning", "talking"):
        config = {"callable": f"web.sample_agents:{agent}"}
        await call("POST", f"{ACME}/agents", {"id": agent, "kind": "python", "config": config})
    for agent, verb, body in (
        ("asking", "approve", {"note": "Fine.", "attempt": 1.0}),
        ("asking", "reject", None),
        ("questioning", "answer", {"value": 1, "attempt": 1}),
    ):
        run = await call("POST", f"{ACME}/agents/{agent}:run")
        await rig.execute(run)
        await call("POST", f"{ACME}/runs/{run['id']}:{verb}", (body or {}) | {"attempt": 2}, status=409)
        answered = await call("POST", f"{ACME}/runs/{run['id']}:{verb}", body)
        assert (answered["status"], answered["attempts"][0]["status"]) == ("queued", "waiting")
    run = await call("POST", f"{ACME}/agents/talking:run", {"input": {"message": "Hello"}})
    await rig.execute(run)
    resumed = await call(
        "POST", f"{ACME}/runs/{run['id']}:resume", {"feedback": "More"}, headers={"Idempotency-Key": "c"}
    )
    await call("POST", f"{ACME}/runs/{run['id']}:resume", {"feedback": "More"}, headers={"Idempotency-Key": "c"})
    assert resumed["resumed_from"] == run["id"]
    await _call_for_commands(contract, rig, run)


async def _call_for_commands(contract: Contract, rig: Rig, run: dict[str, Any]) -> None:
    """Run a command after a run that, as it is stored, had a workspace."""
    found = await rig.services.store.run("acme", run["id"])
    assert found is not None
    left = RunWorkspace(**asdict(Workspace("shop", "tock/r", "c" * 40, "b" * 40, ref="refs/tock/runs/r")))
    await rig.services.store.commit([Change(found, found.value.model_copy(update={"workspace": left}))])
    agent = await rig.services.store.agent("acme", found.value.agent)
    assert agent is not None
    await rig.services.store.commit([Change(agent, agent.value.model_copy(update={"kind": "command"}))])
    commands = replace(rig.services, executors=Executors([CONTRACT_COMMANDS]))
    api = make_rig(commands, rig.deployment.access).api
    path, body = f"{ACME}/runs/{run['id']}:exec", {"command": "build", "timeout": "PT1M"}
    made = await contract.call("POST", path, body, api=api, headers={"Idempotency-Key": "e"})
    await contract.call("POST", path, body, api=api, headers={"Idempotency-Key": "e"})
    await contract.call("POST", path, body, api=api, status=409)
    await contract.call("POST", path, {"command": "nothing"}, api=api, status=400)
    changed = await rig.services.store.agent("acme", found.value.agent)
    assert changed is not None
    await rig.services.store.commit([Change(changed, agent.value)])
    follow_up = {"of": run["id"], "repository": "shop", "command": "build", "arguments": []}
    assert (made["source"], made["follow_up"]) == ("exec", follow_up)


async def _call_for_events(contract: Contract, run: str) -> None:
    await contract.call("GET", f"{ACME}/runs/{run}/events")
    await contract.call("GET", f"{ACME}/runs/{run}/events:stream", headers={"Last-Event-ID": "1000000"})


async def _call_as_an_agent_elsewhere(contract: Contract, rig: Rig) -> None:
    call = contract.call
    await call("POST", f"{ACME}/agents", WAITS)
    run = await call("POST", f"{ACME}/agents/waits:run")
    assert (await rig.execute(run))["status"] == "waiting"
    path, token = f"{ACME}/runs/{run['id']}", RUN_TOKENS.token(project="acme", run=run["id"])
    agent = {"Authorization": f"Bearer {token}"}
    await call("POST", f"{path}/events", {"events": [{"kind": "read", "data": 1}]}, headers=agent)
    await call("POST", f"{path}:checkpoint", {"state": [1]}, headers=agent)
    await call("POST", f"{path}:callback", {"pages": 3}, headers=agent)
    await call("POST", f"{path}:callback?attempt=1", {"pages": 4}, headers=agent, status=409)
    await call("POST", f"{path}:callback", {"pages": 3}, headers={"Authorization": "Bearer x"}, status=401)
    await _call_for_own_triggers(contract, rig)


async def _call_for_own_triggers(contract: Contract, rig: Rig) -> None:
    callbacks = Callbacks(url=ORIGIN, tokens=RUN_TOKENS)
    http = HttpExecutor(allowed_hosts=[], secrets={}, now=rig.services.clock.now, callbacks=callbacks)
    api = make_rig(replace(rig.services, executors=Executors([http])), rig.deployment.access).api
    for name, may in (("plans", "manage"), ("looks", "list")):
        config = {"url": "https://agents.example.com/", "own_triggers": may}
        created(await api.post(f"{ACME}/agents", json={"id": name, "kind": "http", "config": config}))
    runs = [(await api.post(f"{ACME}/agents/{name}:run")).json()["id"] for name in ("plans", "looks")]
    (plans, its), (looks, other) = [
        (f"{ACME}/runs/{run}/triggers", {"Authorization": f"Bearer {RUN_TOKENS.token(project='acme', run=run)}"})
        for run in runs
    ]
    trigger = {"id": "again", "agent": "plans", "schedule": DAILY}
    await contract.call("POST", plans, trigger, api=api, headers=its)
    await contract.call("POST", plans, trigger, api=api, headers=its, status=409)
    await contract.call("POST", looks, trigger | {"agent": "looks"}, api=api, headers=other, status=403)
    await contract.call("GET", plans, api=api, headers=its)
    await contract.call("DELETE", f"{plans}/again", api=api, headers=its)


async def _call_for_the_unreadable(contract: Contract, firestore: AsyncClient, *, run: str, agent: str) -> None:
    await firestore.document("projects", "acme", "runs", run).update({"result": "[NaN]"})
    await firestore.document("projects", "acme", "agents", agent).update({"kind": None})
    for path in ("runs", "agents"):
        assert (await contract.call("GET", f"{ACME}/{path}"))["unreadable"]
    await contract.call("GET", f"{ACME}/agents/{agent}", status=409)
    await contract.call("DELETE", f"{ACME}/runs/{run}")


async def test_every_refusal_is_described_by_its_status(rig: Rig) -> None:
    document = ok(await rig.api.get("/v1/openapi.json"))
    call = Contract(rig, document).call
    run = await call("POST", f"{ACME}/agents/digest:run", {"subject": "s"})
    trigger = {"id": "daily", "agent": "digest", "schedule": DAILY}
    await call("POST", f"{ACME}/triggers", trigger)

    await call("POST", f"{ACME}/triggers", {"schedule": {"cron": "x"}}, status=400)
    await call("GET", f"{ACME}/runs?status=done", status=400)
    await call("PATCH", f"{ACME}/triggers/daily", {"enabled": None}, status=400)
    await call("POST", "/trigger", {"project": "acme"}, status=400)
    await call("GET", f"{ACME}/runs", status=401, headers={"Authorization": "Bearer x"})
    await call("POST", "/trigger", {"project": "acme", "agent": "digest"}, status=401, headers={"Authorization": ""})
    key = await call("POST", f"{ACME}/api-keys")
    of_acme = {"Authorization": f"Bearer {key['token']}"}
    await call("POST", "/v1/projects", {"id": "third"}, status=403, headers=of_acme)
    await call("GET", "/v1/projects/third", status=404, headers=of_acme)
    await call("GET", f"{ACME}/agents/nobody", status=404)
    await call("POST", "/retry", {"project": "acme", "run": "none"}, status=404)
    await call("POST", f"{ACME}/agents", DIGEST, status=409)
    await call("POST", f"{ACME}/triggers", trigger | {"id": "other", "agent": "nobody"}, status=409)
    await call("PATCH", f"{ACME}/triggers/daily", {"agent": "nobody"}, status=409)
    await call("POST", f"{ACME}/agents/digest:run", {"subject": "s"}, status=409)
    await call("POST", f"{ACME}/runs/{run['id']}:retry", status=409)
    await call("DELETE", f"{ACME}/agents/digest", status=409)
    await call("DELETE", ACME, status=409)
    await call("PATCH", f"{ACME}/triggers/daily", {"name": "x"}, status=412, headers={"If-Match": '"7"'})
    await call("DELETE", f"{ACME}/triggers/daily", status=412, headers={"If-Match": '"7"'})
    await call("POST", f"{ACME}/triggers", {"description": "x" * 300_000}, status=413)
    await call("POST", f"{ACME}/triggers", {}, status=415, headers={"Content-Type": "text/plain"})


def routes(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in document["paths"].items():
        for method in item.keys() - {"servers"}:
            yield method.upper(), path
