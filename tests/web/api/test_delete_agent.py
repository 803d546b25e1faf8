"""An agent is deleted alone, or together with the triggers that name it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.clocks import SkewedClock
from web.rig import DIGEST, Rig, created, make_rig, ok, problem

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


@pytest.mark.parametrize(("choice", "status"), [("none", "queued"), ("pending", "cancelled"), (None, "cancelled")])
async def test_the_runs_of_the_triggers_end_by_choice(rig: Rig, choice: str | None, status: str) -> None:
    made = await rig.make_trigger(schedule={"every": "10s"})
    due, *_, to_come = made["claimed"]
    # The fire time of the first has come, that of the last has not.
    clock = SkewedClock(rig.services.clock, skew=timedelta(seconds=20))
    later = make_rig(replace(rig.services, clock=clock), rig.deployment.access)

    answer = await later.api.delete(
        AGENT, params={"with_triggers": "true"} | ({} if choice is None else {"cancel": choice})
    )

    assert answer.status_code == 204, answer.text
    statuses = {run["id"]: run["status"] for run in await _runs(rig)}
    assert (statuses[due["run"]], statuses[to_come["run"]]) == (status, "cancelled")


async def test_a_choice_that_would_do_nothing_is_refused(rig: Rig) -> None:
    for query, value in (({"cancel": "all"}, "all"), ({"cancel": "some", "with_triggers": "true"}, "some")):
        [error] = problem(await rig.api.delete(AGENT, params=query), 400)["errors"]
        assert (error["field"], error["value"]) == ("cancel", value)
    assert ok(await rig.api.get(AGENT))["id"] == "digest"


async def test_another_revision_deletes_no_trigger(rig: Rig) -> None:
    await rig.make_trigger()

    problem(await rig.api.delete(AGENT, params={"with_triggers": "true"}, headers={"If-Match": '"7"'}), 412)

    assert len(ok(await rig.api.get(TRIGGERS))["triggers"]) == 1
