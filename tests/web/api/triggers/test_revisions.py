"""The revisions of a trigger: who changed what, also of one that was deleted."""

from datetime import timedelta
from typing import Any, cast

import pytest
from google.cloud.firestore import AsyncClient

from tock.bootstrap.moved_clock import MovedClock
from web.rig import Rig, created, ok, problem

pytestmark = pytest.mark.anyio

TRIGGER = "/v1/projects/acme/triggers/morning"
REVISIONS = f"{TRIGGER}/revisions"


async def _edit(rig: Rig, **changes: Any) -> None:
    ok(await rig.api.patch(TRIGGER, json=changes))


async def test_each_revision_says_who_changed_which_fields_the_newest_first(rig: Rig) -> None:
    made = await rig.make_trigger()
    await _edit(rig, name="Digest", overlap="queue")
    await _edit(rig, enabled=False)
    assert (await rig.api.delete(TRIGGER)).status_code == 204

    page = ok(await rig.api.get(REVISIONS))

    assert (page["unreadable"], page["next_page_token"]) == ([], None)
    assert [(each["revision"], each["event"], each["changed"]) for each in page["revisions"]] == [
        (4, "deleted", []),
        (3, "disabled", ["enabled"]),
        (2, "changed", ["name", "overlap"]),
        (1, "created", []),
    ]
    deleted, *_, first = page["revisions"]
    assert deleted["fields"] is None
    assert first == {
        "project": "acme",
        "trigger": "morning",
        "revision": 1,
        "event": "created",
        "by": "deployment-key",
        "in_force_from": made["created"]["at"],
        "changed": [],
        "fields": {name: made[name] for name in first["fields"]},
    }


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_pages_follow_each_other_without_a_gap(rig: Rig, size: int) -> None:
    await rig.make_trigger()
    for number in range(2, 7):
        await _edit(rig, name=f"name {number}")

    seen: list[int] = []
    token: str | None = ""
    while token is not None:
        page = ok(await rig.api.get(REVISIONS, params={"page_size": size, "page_token": token}))
        seen += [each["revision"] for each in page["revisions"]]
        token = page["next_page_token"]

    assert seen == [6, 5, 4, 3, 2, 1]


async def test_versions_that_no_kept_run_can_be_of_are_left_out(rig: Rig) -> None:
    await rig.make_trigger()
    await _edit(rig, name="second")
    clock = cast(MovedClock, rig.services.clock)
    clock.go_on_from(clock.now() + rig.services.timing.retention + timedelta(days=1))
    await _edit(rig, name="third")

    page = ok(await rig.api.get(REVISIONS))

    assert [(each["revision"], each["event"]) for each in page["revisions"]] == [(3, "changed"), (2, "first_kept")]


@pytest.mark.parametrize("token", ["0", "-1", "x", "1.0", "9" * 30])
async def test_a_token_of_no_page_is_refused(rig: Rig, token: str) -> None:
    await rig.make_trigger()

    refused = problem(await rig.api.get(REVISIONS, params={"page_token": token}), 400)

    assert refused["errors"][0]["field"] == "page_token"


async def test_a_revision_that_cannot_be_read_is_named_and_does_not_hide_the_others(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    await rig.make_trigger()
    await _edit(rig, name="second")
    await _edit(rig, name="third")
    trigger = firestore_client.collection("projects").document("acme").collection("triggers").document("morning")
    stored = {each.get("number"): each async for each in trigger.collection("revisions").stream()}
    await stored[2].reference.update({"author": 7})

    first = ok(await rig.api.get(REVISIONS, params={"page_size": 2}))
    second = ok(await rig.api.get(REVISIONS, params={"page_size": 2, "page_token": first["next_page_token"]}))

    assert [(each["revision"], each["event"]) for each in first["revisions"]] == [(3, "first_kept")]
    assert [each["id"] for each in first["unreadable"]] == ["2"]
    assert [(each["revision"], each["event"]) for each in second["revisions"]] == [(1, "created")]


async def test_what_never_was_a_trigger_has_no_revisions(rig: Rig) -> None:
    assert problem(await rig.api.get(REVISIONS), 404)["detail"] == "There is no trigger 'morning'."


async def test_a_key_sees_the_revisions_of_its_own_project_only(rig: Rig) -> None:
    await rig.make_trigger()
    await rig.make_project("other")
    key = created(await rig.api.post("/v1/projects/other/api-keys", json={}))["token"]

    answer = await rig.api.get(REVISIONS, headers={"Authorization": f"Bearer {key}"})

    problem(answer, 404)
