"""The dialog that runs an agent, as its form is sent."""

import pytest

from web.console.visitors import alerts, signed_in
from web.rig import Rig, ok

pytestmark = pytest.mark.anyio

RUN = "/projects/acme/agents/digest/run"


async def test_the_same_dialog_starts_one_run_however_often_it_is_sent(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    first, second = [await somebody.post(RUN, key="k1", input__message="hello") for _ in range(2)]

    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert len(ok(await rig.api.get("/v1/projects/acme/runs"))["runs"]) == 1


async def test_a_dialog_whose_key_was_used_with_other_words_is_shown_with_another_key(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)
    started = await somebody.post(RUN, key="k1", input__message="hello")

    answer = await somebody.post(RUN, key="k1", input__message="something else")

    assert answer.status_code == 409
    assert started.headers["location"] in answer.text
    assert 'name="key" value="k1"' not in answer.text
    assert "something else" in answer.text


async def test_what_is_left_blank_is_left_out(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    answer = await somebody.post(RUN, key="k1", input__message="", input__payload=" ", input__model="", subject="")

    run = ok(await rig.api.get(f"/v1{answer.headers['location']}"))
    assert run["input"] == {"message": None, "payload": {}, "model": None, "ref": None, "time_zone": "UTC"}
    assert run["subject"] is None


async def test_what_would_be_refused_is_said_before_it_is_sent_and_nothing_is_started(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    wrong = await somebody.post(f"{RUN}/check", input__payload='{"a": 1, "a": 2}', input__ref="..", subject="x" * 300)
    right = await somebody.post(f"{RUN}/check", input__payload='{"a": 1}')

    assert ok(wrong)["fields"].keys() == {"input.payload"}
    assert ok(right) == {"fields": {}, "others": []}
    assert ok(await rig.api.get("/v1/projects/acme/runs"))["runs"] == []


async def test_a_disabled_agent_says_so(rig: Rig) -> None:
    await rig.api.patch("/v1/projects/acme/agents/digest", json={"enabled": False})
    somebody = await signed_in(rig.deployment)

    answer = await somebody.post(RUN, key="k1")

    assert answer.status_code == 409
    assert alerts(answer) == ["agent: the agent 'digest' is disabled: enable it, then run it"]
