"""A trigger is duplicated with all its fields, and disabled unless asked otherwise."""

from typing import Any

import pytest

from tock.core.trigger.trigger import TriggerSpec
from web.api.test_merge_patch import TRIGGER_CHANGES
from web.rig import BROKEN, Rig, created, ok, problem

pytestmark = pytest.mark.anyio
PATH = "/v1/projects/acme/triggers/morning"


async def made(rig: Rig, **fields: Any) -> dict[str, Any]:
    created(await rig.api.post("/v1/projects/acme/agents", json=BROKEN))
    return await rig.make_trigger(**fields)


async def test_every_field_is_the_same_but_the_owners_label(rig: Rig) -> None:
    labels = {"team": "shop", "managed-by": "tock-apply"}
    source = await made(rig, **TRIGGER_CHANGES | {"labels": labels, "enabled": True})

    answer = await rig.api.post(f"{PATH}:duplicate", json={"id": "evening"})

    duplicate = created(answer)
    same = TriggerSpec.model_fields.keys() - {"enabled", "labels"}
    assert {name: duplicate[name] for name in same} == {name: source[name] for name in same}
    assert (duplicate["enabled"], duplicate["next_run_at"], duplicate["labels"]) == (False, None, {"team": "shop"})
    assert (duplicate["id"], duplicate["revision"]) == ("evening", 1)
    assert answer.headers["Location"] == "/v1/projects/acme/triggers/evening"
    assert answer.headers["ETag"] == '"1"'
    assert ok(await rig.api.get(PATH))["revision"] == source["revision"]


async def test_the_duplicate_is_enabled_if_asked_and_has_an_id_of_its_own_if_none_is_given(rig: Rig) -> None:
    source = await rig.make_trigger()

    duplicate = created(await rig.api.post(f"{PATH}:duplicate", json={"enabled": True}))

    assert duplicate["id"].startswith("t-")
    assert (duplicate["enabled"], duplicate["next_run_at"]) == (True, source["next_run_at"])


async def test_an_id_that_is_taken_and_a_trigger_that_is_not_there_are_refused(rig: Rig) -> None:
    await rig.make_trigger()

    taken = problem(await rig.api.post(f"{PATH}:duplicate", json={"id": "morning"}), 409)
    absent = problem(await rig.api.post(f"{PATH}x:duplicate"), 404)
    unknown = problem(await rig.api.post(f"{PATH}:duplicate", json={"name": "x"}), 400)

    assert (taken["code"], absent["code"], unknown["errors"][0]["field"]) == ("already_exists", "not_found", "name")
