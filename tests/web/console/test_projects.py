"""Projects and their keys in the console: what the admin may do, and what the holder of a project's key may."""

import re

import pytest

from web.console.visitors import Visitor, alerts, signed_in
from web.rig import Rig, created, ok

pytestmark = pytest.mark.anyio


async def _holder(rig: Rig) -> Visitor:
    key = created(await rig.api.post("/v1/projects/acme/api-keys", json={"name": "ci"}))
    return await signed_in(rig.deployment, key=key["token"])


async def test_the_admin_creates_a_project(rig: Rig) -> None:
    admin = await signed_in(rig.deployment)

    answer = await admin.post("/projects/new", id="shop", name=" The shop ", concurrency="3")

    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/shop")
    project = ok(await rig.api.get("/v1/projects/shop"))
    assert (project["name"], project["concurrency"]) == ("The shop", 3)


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"id": "no spaces"}, 400, "takes 1 to 255 letters, digits, '.', '_' and '-'"),
        ({"id": "shop", "concurrency": "0"}, 400, "must be at least 1"),
        ({"id": "shop", "concurrency": "many"}, 400, "must be a whole number"),
        ({"id": "acme"}, 409, "The project 'acme' exists already."),
    ],
)
async def test_a_refused_project_is_shown_again_as_it_was_written(
    rig: Rig, fields: dict[str, str], status: int, said: str
) -> None:
    admin = await signed_in(rig.deployment)

    answer = await admin.post("/projects/new", description="what was <typed>", **fields)

    assert answer.status_code == status
    assert alerts(answer) == [said]
    assert "what was &lt;typed&gt;" in answer.text


async def test_the_holder_of_a_projects_key_sees_no_other_project(rig: Rig) -> None:
    await rig.make_project("other")
    holder = await _holder(rig)

    start, listed, other = [await holder.get(path) for path in ("/", "/projects", "/projects/other/agents")]

    assert start.headers["location"] == listed.headers["location"] == "/projects/acme"
    assert other.status_code == 404
    assert alerts(other) == ["There is no project 'other'."]


async def test_the_holder_of_a_projects_key_may_not_do_what_only_the_admin_may(rig: Rig) -> None:
    holder = await _holder(rig)
    refused = "A key of project 'acme' opens only that project: use the admin key."

    answers = [
        await holder.get("/projects/new"),
        await holder.post("/projects/new", id="shop"),
        await holder.get("/projects/acme/settings/delete"),
        await holder.post("/projects/acme/settings/delete", typed="acme"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert [alerts(answer) for answer in answers] == [[refused]] * 4
    assert "/settings/delete" not in (await holder.get("/projects/acme/settings")).text


async def test_a_new_key_is_shown_once_with_the_command_that_uses_it(rig: Rig) -> None:
    admin = await signed_in(rig.deployment)

    answer = await admin.post("/projects/acme/keys/new", name="ci")

    found = re.search(r"tock\.acme/k-[0-9a-f]+/\S+?(?=<)", answer.text)
    assert found is not None
    assert f"TOCK_SERVER=https://tock.test TOCK_PROJECT=acme TOCK_KEY={found[0]}" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    holder = await signed_in(rig.deployment, key=found[0])
    assert (await holder.get("/projects/acme/agents")).status_code == 200
    again = await admin.get("/projects/acme/settings")
    assert found[0] not in again.text
    assert found[0].split("/")[1] in again.text


async def test_a_deleted_key_opens_nothing(rig: Rig) -> None:
    key = created(await rig.api.post("/v1/projects/acme/api-keys", json={"name": "ci"}))
    admin = await signed_in(rig.deployment)

    asked = await admin.get(f"/projects/acme/keys/{key['id']}/delete")
    await admin.post(f"/projects/acme/keys/{key['id']}/delete")

    assert "It is for ci." in asked.text
    assert ok(await rig.api.get("/v1/projects/acme/api-keys"))["api_keys"] == []


async def test_a_project_is_edited_unless_somebody_else_did_meanwhile(rig: Rig) -> None:
    admin = await signed_in(rig.deployment)

    first = await admin.post("/projects/acme/settings/edit", name="mine", revision="1")
    second = await admin.post("/projects/acme/settings/edit", name="theirs", revision="1")

    assert (first.status_code, second.status_code) == (303, 412)
    assert "Nothing is saved: somebody with the admin key changed this project meanwhile." in second.text
    assert ok(await rig.api.get("/v1/projects/acme"))["name"] == "mine"


async def test_a_project_is_deleted_once_it_is_empty_and_its_id_is_typed(rig: Rig) -> None:
    admin = await signed_in(rig.deployment)

    full = await admin.get("/projects/acme/settings/delete")
    await rig.api.delete("/v1/projects/acme/agents/digest")
    mistyped = await admin.post("/projects/acme/settings/delete", typed="Acme", revision="1")
    assert (await rig.api.get("/v1/projects/acme")).status_code == 200
    deleted = await admin.post("/projects/acme/settings/delete", typed="acme", revision="1")

    assert "Delete these first" in full.text
    assert 'name="typed"' not in full.text
    assert (mistyped.status_code, alerts(mistyped)) == (400, ["type acme, its id"])
    assert (deleted.status_code, deleted.headers["location"]) == (303, "/projects")
    assert (await rig.api.get("/v1/projects/acme")).status_code == 404
