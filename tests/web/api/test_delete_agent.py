"""An agent is deleted alone, or together with the triggers that name it."""

from typing import Any

import pytest

from web.rig import DIGEST, Rig, created, ok, problem

pytestmark = pytest.mark.anyio
AGENT = "/v1/projects/acme/agents/digest"
TRIGGERS = "/v1/projects/acme/triggers"


async def _runs(rig: Rig) -> list[dict[str, Any]]:
    return list(ok(await rig.api.get("/v1/projects/acme/runs"))["runs"])


async def test_without_being_asked_it_deletes_no_trigger(rig: Rig) -> None:
    await rig.make_trigger()

    refused = problem(await rig.api.delete(AGENT), 409)

    assert (refused["code"], "'morning'" in refused["detail"]) == ("in_use", True)
    assert len(ok(await rig.api.get(TRIGGERS))["triggers"]) == 1


async def test_with_its_triggers_nothing_of_it_is_left_to_start(rig: Rig) -> None:
    created(await rig.api.post("/v1/projects/acme/agents", json=DIGEST | {"id": "other"}))
    for number in range(3):
        await rig.make_trigger(f"often-{number}", schedule={"every": "10s"})
    await rig.make_trigger("kept", agent="other")

    answer = await rig.api.delete(AGENT, params={"with_triggers": "true"})

    assert answer.status_code == 204, answer.text
    assert [each["id"] for each in ok(await rig.api.get(TRIGGERS))["triggers"]] == ["kept"]
    problem(await rig.api.get(AGENT), 404)
    runs = await _runs(rig)
    assert {run["status"] for run in runs} == {"cancelled"}
    assert len(runs) >= 3 * 8
    proof = ok(await rig.api.get(f"{TRIGGERS}/often-0:proof"))
    assert proof["holds"]
    problem(await rig.api.delete(AGENT, params={"with_triggers": "true"}), 404)


async def test_the_runs_of_the_triggers_end_by_choice(rig: Rig) -> None:
    made = await rig.make_trigger(schedule={"every": "10s"})
    identifier = made["claimed"][0]["run"]

    await rig.api.delete(AGENT, params={"with_triggers": "true", "cancel": "none"})

    # A deletion withdraws what has not come; of what has come it cancels what is chosen.
    assert ok(await rig.api.get(f"/v1/projects/acme/runs/{identifier}"))["status"] == "cancelled"
    [error] = problem(await rig.api.delete(AGENT, params={"cancel": "some"}), 400)["errors"]
    assert error["field"] == "cancel"


async def test_another_revision_deletes_no_trigger(rig: Rig) -> None:
    await rig.make_trigger()

    problem(await rig.api.delete(AGENT, params={"with_triggers": "true"}, headers={"If-Match": '"7"'}), 412)

    assert len(ok(await rig.api.get(TRIGGERS))["triggers"]) == 1
