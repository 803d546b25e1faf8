"""The editor of triggers without a browser: what it saves, what it refuses, and who was faster."""

import re
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tock.core.trigger.trigger import TriggerSpec
from tock.web.console.pages.triggers.editor.trigger_form.draft import opened
from web.console.specs import as_sent, fields_of
from web.console.visitors import Visitor, signed_in
from web.rig import Rig, ok

pytestmark = pytest.mark.anyio

EDIT = "/projects/acme/triggers/morning/edit"
NEW = "/projects/acme/triggers/new"
API = "/v1/projects/acme/triggers/morning"


async def _form(rig: Rig, **typed: str) -> dict[str, Any]:
    """The form of the trigger as a browser in UTC sends it, with what was typed in some controls."""
    stored = ok(await rig.api.get(API))
    spec = TriggerSpec.model_validate({field: stored[field] for field in TriggerSpec.model_fields})
    form = as_sent(opened(fields_of(spec), zone=ZoneInfo("UTC")).texts, **typed)
    fields: dict[str, Any] = {"revision": str(stored["revision"]), "zone": "UTC"}
    for name, value in form.fields:
        fields.setdefault(name, []).append(value)
    return fields


async def _send(somebody: Visitor, path: str, fields: dict[str, Any], **headers: str) -> Any:
    return await somebody.send(path, fields | {"form_token": await somebody.token(NEW)}, **headers)


def _text(page: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page.text)))


async def test_a_form_that_nobody_touched_writes_no_revision_however_large_it_is(rig: Rig) -> None:
    await rig.make_trigger(
        description="😀" * 8000,
        input={"message": "😀" * 8000, "payload": {f"{number}": ['"\\', 0.5, None] for number in range(2200)}},
    )
    before = ok(await rig.api.get(API))
    somebody = await signed_in(rig.deployment)

    answer = await _send(somebody, EDIT, await _form(rig))

    assert (answer.status_code, answer.headers["location"]) == (303, "/projects/acme/triggers/morning")
    assert ok(await rig.api.get(API)) == before


async def test_only_what_was_typed_is_written(rig: Rig) -> None:
    await rig.make_trigger()
    before = ok(await rig.api.get(API))
    somebody = await signed_in(rig.deployment)

    answer = await _send(somebody, EDIT, await _form(rig, timeout="90s"))

    after = ok(await rig.api.get(API))
    assert answer.status_code == 303
    assert {field for field in after if after[field] != before[field]} == {"timeout", "revision", "updated"}


async def test_whoever_is_slower_is_told_who_was_faster_and_loses_nothing(rig: Rig) -> None:
    await rig.make_trigger()
    slow = await _form(rig, name="Mine")
    ok(await rig.api.patch(API, json={"name": "Theirs", "enabled": False}))
    somebody = await signed_in(rig.deployment)

    answer = await _send(somebody, EDIT, slow)
    again = await _send(somebody, EDIT, slow)
    saved_over = await _send(somebody, EDIT, slow | {"overwrite": "2"})

    assert (answer.status_code, again.status_code, saved_over.status_code) == (412, 412, 303)
    assert re.search(
        r"Somebody with the admin key changed this trigger .*, while your form was open: nothing was saved",
        _text(answer),
    )
    assert "Saving over the other version would change: enabled , name ." in _text(answer)
    assert 'value="Mine"' in answer.text
    after = ok(await rig.api.get(API))
    assert (after["name"], after["enabled"], after["revision"]) == ("Mine", True, 3)


async def test_saving_over_a_version_that_nobody_was_told_of_is_refused(rig: Rig) -> None:
    await rig.make_trigger()
    slow = await _form(rig, name="Mine")
    ok(await rig.api.patch(API, json={"name": "Theirs"}))
    ok(await rig.api.patch(API, json={"name": "Theirs again"}))
    somebody = await signed_in(rig.deployment)

    answer = await _send(somebody, EDIT, slow | {"overwrite": "2"})

    assert answer.status_code == 412
    assert ok(await rig.api.get(API))["name"] == "Theirs again"


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"timeout": "1h"}, 400, "Timeout PT1H is out of range: from PT1S to PT29M"),
        ({"agent": "nobody"}, 409, "Agent there is no agent 'nobody' in this project: create it first"),
        ({"session": "continue", "overlap": "parallel"}, 400, "Conversation continue lets one run at a time go on"),
        ({"input__message": "{{payload.x}}"}, 400, "input.payload has no value for {{payload.x}}"),
        ({"input__ref": "a b"}, 400, "is no name of a branch or a tag"),
        ({"schedule__kind": "interval", "schedule__every": "1s"}, 400, "this deployment accepts PT10S or more"),
        ({"schedule__kind": "once", "schedule__at": "2020-01-01T00:00"}, 400, "At has no fire time after now"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
async def test_what_the_api_refuses_is_shown_again_with_its_sentence(
    rig: Rig, typed: dict[str, str], status: int, said: str
) -> None:
    await rig.make_trigger()
    somebody = await signed_in(rig.deployment)

    answer = await _send(somebody, EDIT, await _form(rig, description="what was typed", **typed))

    assert answer.status_code == status
    assert said in _text(answer)
    assert "what was typed" in answer.text
    assert ok(await rig.api.get(API))["revision"] == 1


async def test_an_id_that_is_taken_or_none_is_refused_beside_it(rig: Rig) -> None:
    await rig.make_trigger()
    somebody = await signed_in(rig.deployment)
    form = await _form(rig)

    taken, wrong = [await _send(somebody, NEW, form | {"id": name}) for name in ("morning", "new")]

    assert (taken.status_code, wrong.status_code) == (409, 400)
    assert "Id The trigger 'morning' exists already. Choose another id." in _text(taken)
    assert "no word that Tock reserves" in _text(wrong)


async def test_a_preview_writes_nothing_and_leaves_empty_fields_in_peace(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    fields = {"schedule.kind": "cron", "schedule.cron": "0 9 * * 8", "schedule.time_zone": "UTC", "agent": ""}
    hx = {"HX-Request": "true"}

    wrong = await _send(somebody, f"{NEW}/preview", fields, **hx)
    empty = await _send(somebody, f"{NEW}/preview", fields | {"schedule.kind": "once", "schedule.at": ""}, **hx)
    right = await _send(somebody, f"{NEW}/preview", fields | {"schedule.cron": "0 9 * * 6"}, **hx)

    assert [each.status_code for each in (wrong, empty, right)] == [200, 200, 200]
    assert "<html" not in right.text
    assert "day of week" in _text(wrong)
    assert "is required" not in _text(wrong) + _text(empty)
    assert "Complete the schedule to see when it fires." in _text(empty)
    assert "at 09:00 on Saturday, UTC" in _text(right)
    assert ok(await rig.api.get("/v1/projects/acme/triggers"))["triggers"] == []


async def test_a_form_that_was_refused_keeps_the_marks_of_what_is_still_to_be_filled_in(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    fields = {"schedule.kind": "cron", "schedule.cron": "0 9 * * 6", "schedule.time_zone": "UTC", "agent": ""}

    refused = await _send(somebody, NEW, fields)
    preview = await _send(somebody, f"{NEW}/preview", fields | {"name": "x", "refused": "on"}, **{"HX-Request": "true"})

    assert 'name="refused" value="on"' in refused.text
    assert "is required" in _text(preview)


async def test_a_message_beside_a_payload_that_is_wrong_is_not_said_to_be_missing(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    fields = {"schedule.kind": "cron", "schedule.cron": "0 9 * * 6", "schedule.time_zone": "UTC", "agent": "digest"}
    hx = {"HX-Request": "true"}

    wrong = fields | {"input.message": "Sum up", "input.payload": "{"}
    beside = await _send(somebody, f"{NEW}/preview", wrong, **hx)
    without = await _send(somebody, f"{NEW}/preview", fields, **hx)

    assert "The message shows here once the payload is right." in _text(beside)
    assert "No message: the agent gets the payload alone." in _text(without)
