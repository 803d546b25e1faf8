"""Labels: stored, patched member by member, and of no effect on what runs."""

from typing import Any

import pytest

from web.rig import Rig, ok, problem

pytestmark = pytest.mark.anyio
PATHS = {"agent": "/v1/projects/acme/agents/digest", "trigger": "/v1/projects/acme/triggers/morning"}


@pytest.mark.parametrize("kind", PATHS)
async def test_labels_are_patched_member_by_member(rig: Rig, kind: str) -> None:
    await rig.make_trigger()

    shown = [
        ok(await rig.api.patch(PATHS[kind], json={"labels": labels}))["labels"]
        for labels in ({"team": "shop"}, {"managed-by": "tock-apply"}, {"team": None})
    ]

    assert shown == [
        {"team": "shop"},
        {"team": "shop", "managed-by": "tock-apply"},
        {"managed-by": "tock-apply"},
    ]
    assert ok(await rig.api.get(PATHS[kind]))["labels"] == {"managed-by": "tock-apply"}


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize(
    ("labels", "field", "says"),
    [
        ({"Team": "shop"}, "labels.Team", "the name of a label takes 1 to 63 lower-case letters"),
        ({"-": "shop"}, "labels.-", "begins and ends with a letter or a digit"),
        ({"[key]": "shop"}, "labels.[key]", "the name of a label takes"),
        ({"team": "a b"}, "labels.team", "takes up to 63 letters, digits"),
        ({"team": 3}, "labels.team", "must be text"),
        ({f"l{number}": "x" for number in range(33)}, "labels", "must have at most 32 entries"),
    ],
)
async def test_what_is_no_label_is_refused_with_its_name(
    rig: Rig, kind: str, labels: dict[str, Any], field: str, says: str
) -> None:
    await rig.make_trigger()

    refused = problem(await rig.api.patch(PATHS[kind], json={"labels": labels}), 400)

    [error] = refused["errors"]
    assert (error["field"], says in error["message"]) == (field, True), error


async def test_labels_of_a_trigger_change_nothing_that_runs(rig: Rig) -> None:
    before = await rig.make_trigger()

    after = ok(await rig.api.patch(PATHS["trigger"], json={"labels": {"team": "shop"}}))

    stored = await rig.services.store.trigger("acme", "morning")
    assert stored is not None
    assert stored.value.generation == 1
    assert (after["next_run_at"], after["revision"]) == (before["next_run_at"], before["revision"] + 1)
