"""An agent that works elsewhere calls back, sends events and saves its state with the run's token, and nothing else."""

import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from executors.http.http_server import Server, answer, serving
from tock.app.execution.cancel import cancel
from tock.app.services import Services
from tock.core.run.run_token import RunTokens
from tock.executors.callbacks import Callbacks
from tock.executors.http.executor import HttpExecutor
from tock.executors.registry import Executors
from tock.ports.store import Create
from tock.web.api.app import create_app
from tock.web.deployment import Access
from web.rig import ADMIN_KEY_HASH, ORIGIN, RUN_TOKENS, Rig, client_of, created, make_rig, ok, problem
from web.sample_agents import TOLD
from web.test_authentication import ROUTES

pytestmark = pytest.mark.anyio
TLS = ssl.create_default_context()
CALLS = [(":callback", {"pages": 3}), ("/events", {"events": [{"kind": "read"}]}), (":checkpoint", {"state": 1})]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """An agent that accepts its work and calls back when a test does."""
    async with serving(answer("202 Accepted", b'{"queued": true}')) as running:
        yield running


@pytest.fixture
async def rig(services: Services, server: Server) -> Rig:
    """A deployment with the agent `digest`, which answers by callback."""
    executor = HttpExecutor(
        allowed_hosts=["127.0.0.1"],
        secrets={},
        now=services.clock.now,
        tls=TLS,
        callbacks=Callbacks(url=f"{ORIGIN}/", tokens=RUN_TOKENS),
    )
    access = Access(admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RUN_TOKENS)
    made = make_rig(replace(services, executors=Executors([executor])), access)
    created(await made.api.post("/v1/projects", json={"id": "acme"}))
    config = {"url": f"http://127.0.0.1:{server.port}/", "answers": "callback", "deadline": "PT1H"}
    created(await made.api.post("/v1/projects/acme/agents", json={"id": "digest", "kind": "http", "config": config}))
    return made


async def waiting(rig: Rig) -> dict[str, Any]:
    run = await rig.execute(await rig.start())
    assert run["status"] == "waiting", run
    return run


def agent_of(rig: Rig, server: Server) -> httpx.AsyncClient:
    """Return a client as the agent is: it has only what the request told it."""
    token = json.loads(server.requests[-1].body)["callback"]["token"]
    return client_of(create_app(rig.deployment), key=token)


def told(server: Server) -> dict[str, str]:
    callback: dict[str, str] = json.loads(server.requests[-1].body)["callback"]
    return callback


def path(run: dict[str, Any]) -> str:
    return f"/v1/projects/acme/runs/{run['id']}"


async def test_the_callback_is_the_result_of_the_run(rig: Rig, server: Server) -> None:
    run = await waiting(rig)
    agent = agent_of(rig, server)

    received = ok(await agent.post(told(server)["url"], json={"pages": 3}))
    again = ok(await agent.post(told(server)["url"], json={"pages": 3}))
    settled = await rig.execute(ok(await rig.api.get(path(run))))

    assert received == again == {"run": run["id"], "status": "queued", "events_sent": 0}
    assert (settled["status"], settled["result"]) == ("succeeded", {"pages": 3})
    assert (settled["failures"], settled["attempts"][0]["wait"]["answer"]["by"]) == (0, f"run:{run['id']}")
    assert len(server.requests) == 1


async def test_a_failure_that_is_called_back_fails_the_next_leg(rig: Rig, server: Server) -> None:
    run = await waiting(rig)

    body = {"error": {"type": "NoDisk", "message": "No space left.", "retryable": False}}
    ok(await agent_of(rig, server).post(told(server)["url"], json=body))
    settled = await rig.execute(ok(await rig.api.get(path(run))))

    assert settled["status"] == "failed"
    assert settled["error"] == body["error"] | {"classification": "permanent"}


async def test_what_a_waiting_agent_sends_is_kept(rig: Rig, server: Server) -> None:
    run = await waiting(rig)
    agent, callback = agent_of(rig, server), told(server)

    sent = ok(await agent.post(callback["events_url"], json={"events": [{"kind": "read", "data": 1}, {"kind": "b"}]}))
    ok(await agent.post(callback["checkpoint_url"], json={"state": {"page": 3}}))

    events = ok(await rig.api.get(f"{path(run)}/events"))["events"]
    assert sent["events_sent"] == 2
    assert [(each["kind"], each["data"]) for each in events if each["seq"] >= 1_500_000] == [("read", 1), ("b", None)]
    stored = await rig.services.store.run("acme", run["id"])
    assert stored is not None
    assert stored.value.state == {"page": 3}


async def test_the_token_is_not_kept_of_what_the_agent_sends(rig: Rig, server: Server) -> None:
    run = await waiting(rig)
    agent, callback = agent_of(rig, server), told(server)

    ok(await agent.post(callback["events_url"], json={"events": [{"kind": "said", "data": callback}]}))
    ok(await agent.post(callback["checkpoint_url"], json={"state": callback}))
    ok(await agent.post(callback["url"], json=callback))

    stored = await rig.services.store.run("acme", run["id"])
    events = await rig.services.store.events("acme", run["id"], since=0, limit=100)
    assert callback["token"] not in f"{stored} {events}"


@pytest.mark.parametrize("ended", ["cancelled", "succeeded"])
async def test_the_token_of_a_run_that_has_ended_opens_nothing(rig: Rig, server: Server, ended: str) -> None:
    run = await waiting(rig)
    agent = agent_of(rig, server)
    if ended == "cancelled":
        await cancel(rig.services, project="acme", run=run["id"], reason="enough", by="ada")
    else:
        ok(await agent.post(told(server)["url"], json="done"))
        await rig.execute(ok(await rig.api.get(path(run))))

    answers = [await agent.post(f"{path(run)}{call}", json=body) for call, body in CALLS]

    said = f"Run {run['id']} has ended ({ended}): its token opens nothing any more."
    assert [problem(each, 401)["detail"] for each in answers] == [said] * len(CALLS)
    assert ok(await rig.api.get(path(run)))["status"] == ended


async def test_a_token_opens_no_other_run_and_nothing_else(rig: Rig) -> None:
    first, other = await waiting(rig), await waiting(rig)
    found = await rig.services.store.run("acme", first["id"])
    assert found is not None
    namesake = found.value.model_copy(update={"project": "other"})
    await rig.services.store.commit([Create(value=namesake)])
    key = RUN_TOKENS.token(project="acme", run=first["id"])
    agent = client_of(create_app(rig.deployment), key=key)

    foreign = [await agent.post(f"{path(other)}{call}", json=body) for call, body in CALLS]
    elsewhere = [await agent.post(f"/v1/projects/other/runs/{first['id']}{call}", json=body) for call, body in CALLS]
    rest = {(method, where): await agent.request(method, where, json={}) for method, where in ROUTES}
    own = await agent.get(path(first))

    assert {each.status_code for each in (*foreign, *elsewhere)} == {404}
    assert {each.status_code for each in rest.values()} == {401}
    assert (
        "opens only its callback, its events, its checkpoint and its agent's own triggers"
        in problem(own, 401)["detail"]
    )
    assert ok(await rig.api.get(path(other)))["status"] == "waiting"
    untouched = await rig.services.store.run("other", first["id"])
    assert untouched is not None
    assert untouched.value == namesake


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (None, "There is no run token"),
        ("the-key-of-this-deployment", "The run token is not valid"),
        (RunTokens("another-key-of-the-same-length-as").token(project="acme", run="r"), "The run token is not valid"),
    ],
)
async def test_nothing_but_a_token_opens_the_routes_of_an_agent(rig: Rig, key: str | None, said: str) -> None:
    caller = client_of(create_app(rig.deployment), key=key)

    for call, body in CALLS:
        answered = await caller.post(f"/v1/projects/acme/runs/r{call}", json=body)
        assert problem(answered, 401)["detail"].startswith(said)


async def test_without_a_key_the_deployment_takes_no_tokens(rig: Rig) -> None:
    bare = make_rig(rig.services, Access(local=True))
    agent = client_of(create_app(bare.deployment), key=RUN_TOKENS.token(project="acme", run="r"))

    refused = problem(await agent.post("/v1/projects/acme/runs/r:callback", json=1), 503)

    assert refused["detail"] == "This deployment accepts no run tokens yet: set TOCK_RUN_TOKEN_KEY."


async def test_a_token_of_a_run_that_does_not_exist_finds_nothing(rig: Rig) -> None:
    agent = client_of(create_app(rig.deployment), key=RUN_TOKENS.token(project="acme", run="r"))

    assert problem(await agent.post("/v1/projects/acme/runs/r:callback", json=1), 404)["code"] == "not_found"


async def test_while_the_run_is_not_waiting_its_agent_is_told_to_come_again(rig: Rig) -> None:
    run = await rig.start()
    agent = client_of(create_app(rig.deployment), key=RUN_TOKENS.token(project="acme", run=run["id"]))

    early = await agent.post(f"{path(run)}/events", json={"events": [{"kind": "read"}]})

    assert (problem(early, 503)["code"], early.headers["Retry-After"]) == ("run_busy", "2")


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        (":callback", b"{", 400),
        (":callback", b'"%s"' % (b"x" * 256 * 1024), 413),
        ("/events", b'{"events": []}', 400),
        ("/events", json.dumps({"events": [{"kind": "x"}] * 101}).encode(), 400),
        ("/events", b'{"events": [{"kind": "x", "at": 1}]}', 400),
        (":checkpoint", b"{}", 400),
    ],
)
async def test_a_body_that_cannot_be_accepted_changes_nothing(
    rig: Rig, server: Server, call: str, body: bytes, status: int
) -> None:
    run = await waiting(rig)

    refused = await agent_of(rig, server).post(
        f"{path(run)}{call}", content=body, headers={"Content-Type": "application/json"}
    )

    problem(refused, status)
    assert ok(await rig.api.get(path(run))) == run


async def test_an_empty_callback_is_an_empty_result(rig: Rig, server: Server) -> None:
    run = await waiting(rig)
    agent = agent_of(rig, server)
    ok(await agent.post(told(server)["events_url"], json={"events": [{"kind": "read"}]}))

    ok(await agent.post(told(server)["url"]))
    settled = await rig.execute(ok(await rig.api.get(path(run))))

    assert (settled["status"], settled["result"]) == ("succeeded", None)


async def test_an_agent_that_answers_by_callback_needs_a_deployment_that_takes_callbacks(services: Services) -> None:
    executor = HttpExecutor(allowed_hosts=[], secrets={}, now=services.clock.now, tls=TLS)
    made = make_rig(
        replace(services, executors=Executors([executor])), Access(admin_key_hash=ADMIN_KEY_HASH, keys=True)
    )
    created(await made.api.post("/v1/projects", json={"id": "acme"}))
    config = {"url": "https://agents.example.com/", "answers": "callback"}

    refused = await made.api.post("/v1/projects/acme/agents", json={"id": "a", "kind": "http", "config": config})

    [error] = problem(refused, 400)["errors"]
    assert error["field"] == "config.answers"
    assert "TOCK_RUN_TOKEN_KEY" in error["message"]


async def test_a_python_agent_lets_a_service_call_back(services: Services) -> None:
    # The fixture's executor is the web tests' own: `rig` of this file has none for Python.
    made = make_rig(services, Access(admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RUN_TOKENS))
    created(await made.api.post("/v1/projects", json={"id": "acme"}))
    agent = {"id": "hands-on", "kind": "python", "config": {"callable": "web.sample_agents:hands_on"}}
    created(await made.api.post("/v1/projects/acme/agents", json=agent))
    run = await made.execute(await made.start("agents/hands-on"))
    callback = TOLD[run["id"]]
    assert callback is not None
    service = client_of(create_app(made.deployment), key=callback.token)

    ok(await service.post(callback.events_url, json={"events": [{"kind": "counted"}]}))
    ok(await service.post(callback.checkpoint_url, json={"state": {"page": 3}}))
    ok(await service.post(callback.url, json={"pages": 3}))
    settled = await made.execute(ok(await made.api.get(path(run))))

    assert (run["status"], settled["status"], settled["result"]) == ("waiting", "succeeded", {"pages": 3})
    assert (settled["events_sent"], callback.token in str(settled)) == (1, False)
