"""Placeholders in messages: refused in a trigger whose payload lacks them, a warning in a run on request."""

from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from web.rig import DAILY, Rig, ok, problem

pytestmark = pytest.mark.anyio
TRIGGERS = "/v1/projects/acme/triggers"
MORNING = f"{TRIGGERS}/morning"
TYPO: dict[str, Any] = {"message": "Digest of {{payload.repoo}} at {{scheduled_for}}", "payload": {"repo": "tock"}}
WARNING = "The payload has no value for {{payload.repoo}}: empty text took its place."


def refused(answer: Any) -> None:
    [error] = problem(answer, 400)["errors"]
    assert error["field"] == "input.message"
    assert "{{payload.repoo}}" in error["message"]
    assert "input.payload" in error["message"]


async def test_a_trigger_whose_payload_lacks_a_placeholder_is_refused(rig: Rig) -> None:

    refused(await rig.api.post(TRIGGERS, json={"id": "morning", "agent": "digest", "schedule": DAILY, "input": TYPO}))
    problem(await rig.api.get(MORNING), 404)


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("PATCH", {"input": TYPO}),
        ("PATCH", {"input": {"message": TYPO["message"]}}),
        ("PUT", {"agent": "digest", "schedule": DAILY, "input": TYPO}),
    ],
    ids=["a patch of both", "a patch of the message", "a put"],
)
async def test_an_edit_to_such_an_input_is_refused(
    rig: Rig, method: str, body: dict[str, Any], *, enabled: bool
) -> None:
    made = await rig.make_trigger(input={"payload": {"repo": "tock"}}, enabled=enabled)

    refused(await rig.api.request(method, MORNING, json={"enabled": enabled} | body))
    assert ok(await rig.api.get(MORNING)) == made


async def test_a_patch_that_takes_the_value_from_the_payload_is_refused(rig: Rig) -> None:
    await rig.make_trigger(input={"message": "{{repoo}}", "payload": {"repoo": "tock"}})

    [error] = problem(await rig.api.patch(MORNING, json={"input": {"payload": {"repoo": None}}}), 400)["errors"]

    assert error["field"] == "input.message"


async def test_a_trigger_that_was_stored_with_such_an_input_can_still_be_edited_otherwise(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    await rig.make_trigger(input={"payload": {"repo": "tock"}})
    await firestore_client.document("projects", "acme", "triggers", "morning").update(
        {"input.message": TYPO["message"]}
    )

    assert ok(await rig.api.post(f"{MORNING}:disable"))["enabled"] is False
    assert ok(await rig.api.post(f"{MORNING}:enable"))["enabled"] is True
    assert ok(await rig.api.patch(MORNING, json={"timeout": "1m"}))["timeout"] == "PT1M"


async def test_a_run_on_request_keeps_what_its_payload_lacks_as_a_warning(rig: Rig) -> None:
    answer = await rig.api.post("/v1/projects/acme/agents/digest:run", json={"input": TYPO})

    run = await rig.execute(answer.json())

    assert answer.status_code == 202
    assert answer.json()["warnings"] == [WARNING]
    assert (run["status"], run["warnings"]) == ("succeeded", [WARNING])
    [listed] = ok(await rig.api.get("/v1/projects/acme/runs"))["runs"]
    assert listed["warnings"] == [WARNING]


async def test_a_run_of_a_trigger_on_request_fills_in_the_time_of_the_request_in_the_triggers_zone(rig: Rig) -> None:
    await rig.make_trigger(input={"message": "{{scheduled_for}} {{scheduled_for_local}} {{time_zone}}"})

    run = created_run(await rig.api.post(f"{MORNING}:run", json={}))

    utc, local, zone = run["input"]["message"].split(" ")
    assert (utc, zone) == (run["scheduled_for"], "Europe/Berlin")
    assert local[-6:] in {"+01:00", "+02:00"}
    assert run["warnings"] == []


async def test_a_run_of_an_agent_on_request_is_in_utc(rig: Rig) -> None:

    run = created_run(
        await rig.api.post("/v1/projects/acme/agents/digest:run", json={"input": {"message": "{{time_zone}}"}})
    )

    assert (run["input"]["message"], run["input"]["time_zone"]) == ("UTC", "UTC")


async def test_a_retry_by_the_snapshot_keeps_message_and_warnings_and_one_by_the_current_input_does_not(
    rig: Rig,
) -> None:
    await rig.make_trigger(input={"message": "{{scheduled_for}}"})
    body = {"input": {"message": "{{scheduled_for}}{{gone}}"}}
    first = await rig.execute(created_run(await rig.api.post(f"{MORNING}:run", json=body)))
    path = f"/v1/projects/acme/runs/{first['id']}:retry"

    repeated = await rig.execute(created_run(await rig.api.post(path, json={})))
    current = created_run(await rig.api.post(path, json={"config": "current"}))

    assert (repeated["input"], repeated["warnings"]) == (first["input"], first["warnings"])
    assert repeated["warnings"]
    assert (current["input"]["message"], current["warnings"]) == (current["scheduled_for"], [])


def created_run(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    run: dict[str, Any] = answer.json()
    return run
