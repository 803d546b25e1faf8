"""A deleted project over HTTP: nothing of it can be read or started, and no successor shows what it left."""

from typing import Any

import pytest

from web.rig import DIGEST, Rig, created, ok, problem
from web.test_authentication import ROUTES

pytestmark = pytest.mark.anyio
ACME = "/v1/projects/acme"


async def deleted(rig: Rig) -> dict[str, Any]:
    """Delete the project `acme` after a run with a secret payload; return the run."""
    await rig.make_trigger(enabled=False)
    run = await rig.execute(await rig.start("triggers/morning", input={"payload": {"secret": "hunter2"}}))
    for path in ("triggers/morning", "agents/digest"):
        assert (await rig.api.delete(f"{ACME}/{path}")).status_code == 204
    assert (await rig.api.delete(ACME)).status_code == 204
    return run


async def test_nothing_of_a_deleted_project_can_be_reached(rig: Rig) -> None:
    run = await deleted(rig)

    for method, path in ROUTES:
        if path.startswith(ACME):
            answer = await rig.api.request(method, path.replace("/runs/r", f"/runs/{run['id']}"), json={})
            problem(answer, 404)
            assert "hunter2" not in answer.text
    for function, body in ((rig.trigger, {"agent": "digest"}), (rig.retry, {"run": run["id"]})):
        assert "'acme'" in problem(await function.post("/", json={"project": "acme"} | body), 404)["detail"]
    assert ok(await rig.api.get("/v1/projects"))["projects"] == []


async def test_the_id_of_a_deleted_project_is_refused_while_its_runs_are_stored(rig: Rig) -> None:
    await deleted(rig)

    refused = problem(await rig.api.post("/v1/projects", json={"id": "acme"}), 409)

    assert (refused["code"], refused["transient"]) == ("id_retained", False)
    assert "its records stay stored until about 20" in refused["detail"]
    assert "choose another id" in refused["detail"]
    problem(await rig.api.get(f"{ACME}/runs"), 404)


async def test_the_id_of_a_project_without_runs_and_triggers_is_free_at_once(rig: Rig) -> None:
    assert (await rig.api.delete(f"{ACME}/agents/digest")).status_code == 204
    assert (await rig.api.delete(ACME)).status_code == 204

    again = created(await rig.api.post("/v1/projects", json={"id": "acme"}))

    assert again["revision"] == 1
    for kind in ("agents", "triggers", "runs"):
        assert ok(await rig.api.get(f"{ACME}/{kind}"))[kind] == []
    created(await rig.api.post(f"{ACME}/agents", json=DIGEST))


async def test_a_project_with_an_active_run_is_not_deleted(rig: Rig) -> None:
    run = await rig.start()
    assert (await rig.api.delete(f"{ACME}/agents/digest")).status_code == 204

    refused = problem(await rig.api.delete(ACME), 409)

    assert (refused["code"], run["id"] in refused["detail"]) == ("in_use", True)
    assert (await rig.api.post(f"{ACME}/runs/{run['id']}:cancel")).status_code in {200, 202}
    assert (await rig.api.delete(ACME)).status_code == 204
