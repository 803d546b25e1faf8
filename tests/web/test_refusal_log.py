"""Each refusal leaves one line in the log: who asked for what, and why it was refused, and never a key."""

import logging
from typing import Any

import pytest

from tock.web.api.app import create_app
from tock.web.functions.trigger_and_retry import handle_trigger
from web.rig import ADMIN_KEY, Rig, client_of, created, function_app

pytestmark = pytest.mark.anyio
Lines = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def refusals(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.INFO, logger="tock")

    def read() -> Lines:
        """The refusals since the last reading, each with its level."""
        lines = [
            (record.levelname, record.__dict__["fields"])
            for record in caplog.records
            if record.getMessage() == "request_refused"
        ]
        caplog.clear()
        return lines

    return read


def line(**fields: Any) -> dict[str, Any]:
    return {"claimed": None} | fields


async def test_an_unknown_key_is_logged_without_the_key(rig: Rig, refusals: Any, caplog: Any) -> None:
    api = client_of(create_app(rig.deployment), key="tock.acme/nobody/hunter2")

    await api.get("/v1/projects/acme/runs/secret-run")

    assert "hunter2" not in caplog.text
    assert "nobody" not in str(caplog.records[-1].__dict__)
    assert refusals() == [
        (
            "WARNING",
            line(
                principal="unknown",
                method="GET",
                route="/v1/projects/{project}/runs/{run}",
                status=401,
                code="unauthenticated",
            ),
        )
    ]


async def test_a_wrong_secret_names_the_existing_key_that_it_came_with(rig: Rig, refusals: Any, caplog: Any) -> None:
    token = created(await rig.api.post("/v1/projects/acme/api-keys", json={}))["token"]
    start, secret = token.rsplit("/", 1)

    answer = await client_of(create_app(rig.deployment), key=f"{start}/{secret[:-1]}").get("/v1/projects")

    key = start.split("/")[1]
    assert key not in answer.text
    assert secret[:-1] not in str([record.__dict__ for record in caplog.records])
    [(level, fields)] = refusals()
    assert (level, fields["principal"], fields["claimed"]) == ("WARNING", "unknown", f"key:{key}")


async def test_another_projects_resource_is_not_found_for_the_caller_and_foreign_in_the_log(
    rig: Rig, refusals: Any
) -> None:
    await rig.make_project("other")
    issued = created(await rig.api.post("/v1/projects/other/api-keys", json={}))
    stranger = client_of(create_app(rig.deployment), key=issued["token"])
    function = client_of(function_app(handle_trigger, rig.deployment), key=issued["token"])

    await stranger.get("/v1/projects/acme/agents/digest")
    await function.post("/", json={"project": "acme", "agent": "digest"})
    await stranger.post("/v1/projects", json={"id": "third"})

    key = f"key:{issued['id']}"
    agent = "/v1/projects/{project}/agents/{agent}"
    assert refusals() == [
        ("WARNING", line(principal=key, method="GET", route=agent, status=404, code="foreign_project")),
        ("WARNING", line(principal=key, method="POST", route="trigger", status=404, code="foreign_project")),
        ("WARNING", line(principal=key, method="POST", route="/v1/projects", status=403, code="forbidden")),
    ]


async def test_what_a_known_caller_got_wrong_is_logged_as_information(rig: Rig, refusals: Any) -> None:
    await rig.api.get("/v1/projects/nowhere")
    await rig.api.post("/v1/projects", json={"id": "acme"})
    await rig.api.get("/v1/projects?page_size=0")
    await rig.api.put("/v1/projects")
    await rig.api.get("/hunter2")
    header = ("Authorization", f"Bearer {ADMIN_KEY}")
    await client_of(create_app(rig.deployment), key=None).get("/v1/projects", headers=[header, header])

    said = [(level, fields["principal"], fields["route"], fields["code"]) for level, fields in refusals()]
    key = "deployment-key"
    assert said == [
        ("INFO", key, "/v1/projects/{project}", "not_found"),
        ("INFO", key, "/v1/projects", "already_exists"),
        ("INFO", key, "/v1/projects", "invalid_argument"),
        ("INFO", "unknown", "", "wrong_method"),
        ("INFO", "unknown", "", "no_route"),
        ("INFO", "unknown", "", "invalid_argument"),
    ]


async def test_what_is_answered_leaves_no_refusal(rig: Rig, refusals: Any) -> None:
    assert (await rig.api.get("/v1/projects/acme")).status_code == 200

    assert refusals() == []
