"""An agent lists, creates and deletes triggers of its own with its run's token, as far as its configuration goes."""

import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from executors.http.http_server import Server, answer, serving
from tock.app.execution.cancel import cancel
from tock.app.manage.triggers.own_triggers import MOST_ENABLED
from tock.app.services import Services
from tock.core.time.instant import instant_text
from tock.executors.callbacks import Callbacks
from tock.executors.http.executor import HttpExecutor
from tock.executors.registry import Executors
from tock.web.api.app import create_app
from tock.web.deployment import Access
from web.rig import ADMIN_KEY_HASH, DAILY, ORIGIN, RUN_TOKENS, Rig, client_of, created, make_rig, ok, problem

pytestmark = pytest.mark.anyio
TLS = ssl.create_default_context()
ACME = "/v1/projects/acme"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """An agent that accepts its work, and has not ended it."""
    async with serving(answer("202 Accepted")) as running:
        yield running


@pytest.fixture
def rig(services: Services) -> Rig:
    executor = HttpExecutor(
        allowed_hosts=["127.0.0.1"],
        secrets={},
        now=services.clock.now,
        tls=TLS,
        callbacks=Callbacks(url=f"{ORIGIN}/", tokens=RUN_TOKENS),
    )
    access = Access(admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RUN_TOKENS)
    return make_rig(replace(services, executors=Executors([executor])), access)


async def working(rig: Rig, server: Server, *, may: str) -> tuple[dict[str, Any], httpx.AsyncClient]:
    """Return a run of the agent `digest` that has not ended, and a client with what its request told the agent."""
    created(await rig.api.post("/v1/projects", json={"id": "acme"}))
    config = {"url": f"http://127.0.0.1:{server.port}/", "answers": "callback", "own_triggers": may}
    for name in ("digest", "other"):
        created(await rig.api.post(f"{ACME}/agents", json={"id": name, "kind": "http", "config": config}))
    run = await rig.execute(await rig.start())
    assert run["status"] == "waiting", run
    told = json.loads(server.requests[-1].body).get("own_triggers")
    assert told is None or told["url"] == f"{ORIGIN}{path(run)}"
    key = RUN_TOKENS.token(project="acme", run=run["id"]) if told is None else told["token"]
    return run, client_of(create_app(rig.deployment), key=key)


def path(run: dict[str, Any]) -> str:
    return f"{ACME}/runs/{run['id']}/triggers"


def trigger(identifier: str, **fields: Any) -> dict[str, Any]:
    return {"id": identifier, "agent": "digest", "schedule": DAILY} | fields


async def test_an_agent_creates_lists_and_deletes_its_own_triggers(rig: Rig, server: Server) -> None:
    run, agent = await working(rig, server, may="manage")
    created(await rig.api.post(f"{ACME}/triggers", json=trigger("by-a-person")))
    created(await rig.api.post(f"{ACME}/triggers", json=trigger("of-another", agent="other")))

    made = created(await agent.post(path(run), json=trigger("again")))
    listed = ok(await agent.get(path(run)))
    gone = await agent.delete(f"{path(run)}/again")

    assert (made["agent"], made["created"]["by"]) == ("digest", "agent:digest")
    assert [each["id"] for each in listed["triggers"]] == ["again", "by-a-person"]
    assert gone.status_code == 204
    assert {each["id"] for each in ok(await rig.api.get(f"{ACME}/triggers"))["triggers"]} == {
        "by-a-person",
        "of-another",
    }


async def test_what_the_configuration_does_not_allow_is_forbidden(rig: Rig, server: Server) -> None:
    run, agent = await working(rig, server, may="none")
    config = ok(await rig.api.get(f"{ACME}/agents/digest"))["config"]

    nothing = [await agent.get(path(run)), await agent.post(path(run), json=trigger("again"))]
    ok(await rig.api.patch(f"{ACME}/agents/digest", json={"config": config | {"own_triggers": "list"}}))
    listed = ok(await agent.get(path(run)))
    only = [await agent.post(path(run), json=trigger("again")), await agent.delete(f"{path(run)}/again")]

    assert [problem(each, 403)["code"] for each in (*nothing, *only)] == ["forbidden"] * 4
    assert "set own_triggers in its config to 'manage'" in problem(only[0], 403)["detail"]
    assert listed["triggers"] == []
    assert ok(await rig.api.get(f"{ACME}/triggers"))["triggers"] == []


async def test_an_agent_touches_no_trigger_of_another_agent_or_person(rig: Rig, server: Server) -> None:
    run, agent = await working(rig, server, may="manage")
    created(await rig.api.post(f"{ACME}/triggers", json=trigger("by-a-person")))

    foreign = problem(await agent.post(path(run), json=trigger("again", agent="other")), 400)
    kept = problem(await agent.delete(f"{path(run)}/by-a-person"), 404)
    absent = problem(await agent.delete(f"{path(run)}/nothing"), 404)

    assert [(error["field"], error["value"]) for error in foreign["errors"]] == [("agent", "other")]
    assert "write 'digest'" in foreign["detail"] + foreign["errors"][0]["message"]
    assert (kept["code"], absent["code"]) == ("not_found", "not_found")
    assert [each["id"] for each in ok(await rig.api.get(f"{ACME}/triggers"))["triggers"]] == ["by-a-person"]


async def test_the_token_of_a_run_that_has_ended_creates_nothing(rig: Rig, server: Server) -> None:
    run, agent = await working(rig, server, may="manage")
    await cancel(rig.services, project="acme", run=run["id"], reason="enough", by="ada")

    problem(await agent.post(path(run), json=trigger("again")), 401)

    assert ok(await rig.api.get(f"{ACME}/triggers"))["triggers"] == []


async def test_an_agent_has_a_bounded_number_of_enabled_triggers_of_its_own_making(rig: Rig, server: Server) -> None:
    run, agent = await working(rig, server, may="manage")
    created(await rig.api.post(f"{ACME}/triggers", json=trigger("by-a-person")))
    for number in range(MOST_ENABLED):
        created(await agent.post(path(run), json=trigger(f"t-{number}")))

    refused = problem(await agent.post(path(run), json=trigger("one-more")), 409)
    ok(await rig.api.post(f"{ACME}/triggers/t-3:disable"))
    made = await agent.post(path(run), json=trigger("one-more"))

    assert refused["code"] == "failed_precondition"
    assert f"the agent has {MOST_ENABLED} enabled triggers of its own making" in refused["detail"]
    created(made)


async def test_a_follow_up_runs_once_at_its_time(rig: Rig, server: Server) -> None:
    run, agent = await working(rig, server, may="manage")
    at = instant_text(rig.services.clock.now().replace(microsecond=0) + timedelta(minutes=1))

    made = created(await agent.post(path(run), json=trigger("look-again", schedule={"at": at})))
    again = problem(await agent.post(path(run), json=trigger("look-again", schedule={"at": at})), 409)

    assert (made["next_run_at"], [claim["fire_time"] for claim in made["claimed"]]) == (at, [at])
    assert again["code"] == "already_exists"


async def test_own_triggers_need_a_deployment_that_gives_tokens(services: Services) -> None:
    bare = HttpExecutor(allowed_hosts=[], secrets={}, now=services.clock.now, tls=TLS)
    made = make_rig(replace(services, executors=Executors([bare])), Access(admin_key_hash=ADMIN_KEY_HASH, keys=True))
    created(await made.api.post("/v1/projects", json={"id": "acme"}))
    agent = {"id": "a", "kind": "http"}
    url = "https://agents.example.com/"

    refused = [
        problem(await made.api.post(f"{ACME}/agents", json=agent | {"config": {"url": url, "own_triggers": may}}), 400)
        for may in ("manage", "all", 1)
    ]

    assert [error["field"] for each in refused for error in each["errors"]] == ["config.own_triggers"] * 3
    assert "TOCK_RUN_TOKEN_KEY" in refused[0]["errors"][0]["message"]
    assert "write one of none, list, manage" in refused[1]["errors"][0]["message"]
