"""The history of a trigger: what each version changed, field by field."""

import re
from html import unescape
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from tock.core.trigger.trigger import TriggerSpec
from tock.web.console.pages.triggers.detail.differences import Difference, differences
from web.console.visitors import signed_in
from web.rig import Rig, ok

_OLDER = re.compile(r'<a href="([^"]+)" rel="next">Older revisions</a>')
BEFORE = {"agent": "reader", "schedule": {"cron": "0 9 * * *"}}


def test_members_of_objects_differ_by_their_own_names() -> None:
    before = _spec(input={"payload": {"repo": "acme/shop", "kept": 1}}, retry={"max_retries": 2})
    after = _spec(input={"payload": {"repo": "acme/web", "kept": 1}}, retry={"max_retries": 4})

    assert differences(before, after) == (
        Difference("input.payload.repo", "acme/shop", "acme/web"),
        Difference("retry.max_retries", "2", "4"),
    )


def test_a_schedule_that_differs_comes_in_words_too() -> None:
    after = _spec(schedule={"every": "15m"})

    assert differences(_spec(), after) == (
        Difference("schedule", "at 09:00 every day, UTC", "every 15 minutes"),
        Difference("schedule.cron", "0 9 * * *", None),
        Difference("schedule.time_zone", "UTC", None),
        Difference("schedule.every", None, "PT15M"),
        Difference("schedule.anchor", None, "1970-01-01T00:00:00Z"),
    )


def test_an_object_that_gets_members_differs_by_these_alone() -> None:
    assert differences(_spec(), _spec(labels={"team": "shop"})) == (Difference("labels.team", None, "shop"),)


def test_a_truth_value_is_no_number_and_no_text() -> None:
    before, after = _spec(input={"payload": {"a": True, "b": "1"}}), _spec(input={"payload": {"a": 1, "b": 1}})

    assert differences(before, after) == (
        Difference("input.payload.a", "true", "1"),
        Difference("input.payload.b", "1", "1"),
    )


def test_equal_versions_differ_in_nothing() -> None:
    assert differences(_spec(), _spec()) == ()


@pytest.mark.anyio
async def test_the_page_shows_so_many_versions_and_leads_to_the_older_ones(rig: Rig) -> None:
    await rig.make_trigger()
    ok(await rig.api.patch("/v1/projects/acme/triggers/morning", json={"name": "Digest"}))
    somebody = await signed_in(rig.deployment)
    history = "/projects/acme/triggers/morning/history"

    newest = (await somebody.get(f"{history}?page_size=1")).text
    older = (await somebody.get(unescape(_OLDER.findall(newest)[0]))).text

    assert ("Revision 2: changed by" in newest, "Revision 1:" in newest) == (True, False)
    assert ("Revision 1: created by" in older, "Revision 2:" in older) == (True, False)
    assert f'<a href="{history}">Newest revisions</a>' in older
    assert _OLDER.findall(older) == []


@pytest.mark.anyio
@pytest.mark.parametrize("page", ["", "/history", "/proof"])
async def test_each_page_of_a_trigger_has_its_name_its_id_and_what_can_be_done_with_it(rig: Rig, page: str) -> None:
    await rig.make_trigger(name="Morning <digest>")
    somebody = await signed_in(rig.deployment)

    shown = (await somebody.get(f"/projects/acme/triggers/morning{page}")).text

    assert "<h1>Morning &lt;digest&gt;</h1>" in shown
    assert '<code class="id">morning</code>' in shown
    for action in ("run", "edit", "duplicate", "delete"):
        assert f'href="/projects/acme/triggers/morning/{action}"' in shown


@pytest.mark.anyio
async def test_a_version_that_cannot_be_read_says_so_in_its_place(rig: Rig, firestore_client: AsyncClient) -> None:
    await rig.make_trigger()
    ok(await rig.api.patch("/v1/projects/acme/triggers/morning", json={"name": "Digest"}))
    trigger = firestore_client.collection("projects").document("acme").collection("triggers").document("morning")
    stored = {each.get("number"): each async for each in trigger.collection("revisions").stream()}
    await stored[1].reference.update({"author": 7})

    page = (await (await signed_in(rig.deployment)).get("/projects/acme/triggers/morning/history")).text

    assert "Revision 2: first kept by" in page
    assert "This revision cannot be read:" in page


def _spec(**fields: Any) -> TriggerSpec:
    return TriggerSpec.model_validate(BEFORE | fields)
