"""What an agent may name depends on its project: modules, private hosts, secrets; others' are told nothing about."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tock.core.agent.allow_list import AllowList
from tock.executors.http.executor import HttpExecutor
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from web.rig import Rig, created, make_rig, problem

pytestmark = pytest.mark.anyio
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OWN = {
    "module": {"kind": "python", "config": {"callable": "web.sample_agents:digest"}},
    "host": {"kind": "http", "config": {"url": "http://127.0.0.1:9000/"}},
    "secret": {"kind": "http", "config": {"url": "https://example.com/", "secret": "acme/CRM"}},
}


@pytest.fixture
async def with_secrets(rig: Rig) -> Callable[[dict[str, str] | None], Rig]:
    """A deployment of two projects, of which `acme` may name a module, a host and a secret."""
    await rig.make_project("other")

    def make(secrets: dict[str, str] | None) -> Rig:
        executors = Executors(
            [
                PythonExecutor(modules=AllowList({"acme": ("web.sample_agents",)})),
                HttpExecutor(
                    allowed_hosts=AllowList({"acme": ("127.0.0.1:9000",)}), secrets=secrets, now=rig.services.clock.now
                ),
            ]
        )
        return make_rig(replace(rig.services, executors=executors), rig.deployment.access)

    return make


@pytest.mark.parametrize("kind", OWN)
async def test_a_project_may_name_what_is_its_own_and_another_may_not(
    with_secrets: Callable[..., Rig], kind: str
) -> None:
    rig = with_secrets({"acme/CRM": SECRET})

    created(await rig.api.post("/v1/projects/acme/agents", json=OWN[kind] | {"id": "own"}))

    refused = problem(await rig.api.post("/v1/projects/other/agents", json=OWN[kind]), 400)
    assert refused["errors"][0]["field"].startswith("config.")
    changed = await rig.api.patch("/v1/projects/other/agents/digest", json=OWN[kind] | {"name": "New"})
    assert problem(changed, 400)["errors"] == refused["errors"]


async def test_the_answer_does_not_tell_whether_another_projects_secret_exists(
    with_secrets: Callable[..., Rig],
) -> None:
    config: dict[str, Any] = {"url": "https://example.com/"}
    answers = []
    for secrets in ({"acme/CRM": SECRET}, {"acme/CRM": "no secret"}, {}, None):
        for name in ("acme/CRM", "acme/ABSENT", "nowhere/CRM"):
            body = {"kind": "http", "config": config | {"secret": name}}
            answers.append(await with_secrets(secrets).api.post("/v1/projects/other/agents", json=body))

    assert {answer.text for answer in answers} == {answers[0].text}
    assert problem(answers[0], 400)["errors"][0]["field"] == "config.secret"
