"""PATCH changes the given fields and nothing else; ETags prevent lost edits."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from tock.core.agent.agent import AgentSpec
from tock.core.project import ProjectSpec
from tock.core.trigger.trigger import TriggerSpec
from tock.web.api.merge_patch import merged
from web.rig import BROKEN, DAILY, Rig, created, ok, problem

pytestmark = pytest.mark.anyio
TRIGGER = "/v1/projects/acme/triggers/morning"

EVIDENCE = {"output_schema": {"type": "object", "required": ["a"]}, "events": ["done"], "min_tokens": 5}
TRIGGER_CHANGES: dict[str, Any] = {
    "agent": "broken",
    "schedule": {"cron": "30 8 * * *", "time_zone": "UTC"},
    "name": "Morning digest",
    "description": "Every morning.",
    "input": {"message": "Hi", "payload": {"a": [1, {"b": None}]}, "model": "small", "ref": "main"},
    "overlap": "parallel",
    "queue_depth": 3,
    "max_parallel": 4,
    "catch_up": {"mode": "all", "window": "P1D"},
    "retry": {"max_retries": 0, "delay": "PT2S", "give_up_at_next": True},
    "start_deadline": "PT2M",
    "timeout": "PT20M",
    "evidence": EVIDENCE,
    "progress_every": "PT1M",
    "start": "2027-01-01T00:00:00Z",
    "end": "2099-01-01T00:00:00Z",
    "enabled": False,
    "labels": {"team": "shop"},
}
AGENT_CHANGES: dict[str, Any] = {
    "name": "Digest",
    "description": "Reads.",
    "kind": "python",
    "config": {"callable": "web.sample_agents:broken"},
    "enabled": False,
    "concurrency": 2,
    "evidence": EVIDENCE,
    "progress_every": "PT1M",
    "labels": {"team": "shop"},
}


def test_every_field_of_a_specification_is_changed_by_a_test() -> None:
    assert TRIGGER_CHANGES.keys() | {"session"} == TriggerSpec.model_fields.keys()
    assert AGENT_CHANGES.keys() == AgentSpec.model_fields.keys()
    assert ProjectSpec.model_fields.keys() == {"name", "description", "concurrency"}


async def test_the_session_of_a_trigger_is_changed_alone(rig: Rig) -> None:
    """Apart from the others: it is refused beside the overlap `parallel`."""
    before = await rig.make_trigger()

    after = ok(await rig.api.patch(TRIGGER, json={"session": "continue"}))
    refused = problem(await rig.api.patch(TRIGGER, json={"overlap": "parallel"}), 400)
    again = ok(await rig.api.patch(TRIGGER, json={"session": "new"}))

    assert (before["session"], before["conversation"]) == ("new", None)
    assert (after["session"], after["overlap"]) == ("continue", "skip")
    assert after["conversation"] is not None
    assert refused["errors"][0]["field"] == "session"
    assert again["conversation"] is None


async def test_each_field_of_a_trigger_is_changed_alone(rig: Rig) -> None:
    created(await rig.api.post("/v1/projects/acme/agents", json=BROKEN))
    before = await rig.make_trigger()
    computed = {"revision", "updated", "next_run_at", "next_fire_times", "schedule_text", "paused", "type"}

    for number, (field, value) in enumerate(TRIGGER_CHANGES.items(), start=2):
        after = ok(await rig.api.patch(TRIGGER, json={field: value}))

        assert (after[field], after["revision"]) == (value, number)
        assert {key: after[key] for key in after.keys() - computed} == {
            key: before[key] for key in before.keys() - computed
        } | {field: value}
        before = after
    assert ok(await rig.api.get(TRIGGER)) == before


async def test_each_field_of_an_agent_is_changed_alone(rig: Rig) -> None:
    agent = "/v1/projects/acme/agents/digest"
    before = ok(await rig.api.get(agent))

    for field, value in AGENT_CHANGES.items():
        after = ok(await rig.api.patch(agent, json={field: value}))

        assert after == before | {field: value, "revision": after["revision"], "updated": after["updated"]}
        before = after


@pytest.mark.parametrize(
    "field",
    ["name", "start", "end", "max_parallel", "evidence", "progress_every", "input.message", "input.model", "input.ref"],
)
async def test_null_clears_what_may_be_empty(rig: Rig, field: str) -> None:
    outer, _, inner = field.partition(".")
    future = {"start": "2027-01-01T00:00:00Z", "end": "2099-01-01T00:00:00Z"}
    await rig.make_trigger(**(future | TRIGGER_CHANGES | {"agent": "digest"}))

    after = ok(await rig.api.patch(TRIGGER, json={outer: {inner: None}} if inner else {outer: None}))

    assert (after[outer][inner] if inner else after[outer]) is None


@pytest.mark.parametrize(
    "field",
    [
        *("agent", "schedule", "description", "input", "overlap", "queue_depth", "catch_up", "retry", "timeout"),
        *("enabled", "input.payload", "retry.delay", "retry.max_retries", "retry.give_up_at_next"),
        *("catch_up.mode", "catch_up.window"),
    ],
)
async def test_null_is_refused_for_what_must_have_a_value(rig: Rig, field: str) -> None:
    outer, _, inner = field.partition(".")
    before = await rig.make_trigger()

    answer = problem(await rig.api.patch(TRIGGER, json={outer: {inner: None}} if inner else {outer: None}), 400)

    assert [(error["field"], "null" in error["message"]) for error in answer["errors"]] == [(field, True)]
    assert ok(await rig.api.get(TRIGGER)) == before


async def test_the_members_of_evidence_merge_and_null_clears_those_that_may_be_empty(rig: Rig) -> None:
    await rig.make_trigger()

    first = ok(await rig.api.patch(TRIGGER, json={"evidence": {"events": ["done"], "min_tokens": 5}}))
    after = ok(await rig.api.patch(TRIGGER, json={"evidence": {"min_tokens": None, "output_schema": {}}}))
    refused = problem(await rig.api.patch(TRIGGER, json={"evidence": {"events": None}}), 400)

    assert first["evidence"] == {"output_schema": None, "events": ["done"], "min_tokens": 5}
    assert after["evidence"] == {"output_schema": {}, "events": ["done"], "min_tokens": None}
    assert [error["field"] for error in refused["errors"]] == ["evidence.events"]


async def test_objects_merge_member_by_member(rig: Rig) -> None:
    await rig.make_trigger(input={"message": "Hi", "payload": {"a": 1, "b": {"c": 2, "d": 3}}})

    after = ok(
        await rig.api.patch(
            TRIGGER,
            json={
                "input": {"payload": {"a": None, "b": {"d": 4}, "e": [1]}},
                "retry": {"max_retries": 5},
                "schedule": {"cron": "0 7 * * *"},
            },
        )
    )

    assert after["input"] == {"message": "Hi", "payload": {"b": {"c": 2, "d": 4}, "e": [1]}, "model": None, "ref": None}
    assert after["retry"] == {"max_retries": 5, "delay": "PT1M", "give_up_at_next": False}
    assert after["schedule"] == {"cron": "0 7 * * *", "time_zone": "Europe/Berlin"}
    assert after["schedule_text"] == "at 07:00 every day, Europe/Berlin time"


ANCHORED = {"every": "PT2H", "anchor": "2027-01-01T00:30:00Z"}
#: The schedule, a patch of it, and what it is then.
SCHEDULE_PATCHES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "cron alone": (DAILY, {"cron": "0 7 * * *"}, {"cron": "0 7 * * *", "time_zone": "Europe/Berlin"}),
    "zone alone": (DAILY, {"time_zone": "Asia/Tokyo"}, {"cron": "0 9 * * 1-5", "time_zone": "Asia/Tokyo"}),
    "zone null": (DAILY, {"time_zone": None}, {"cron": "0 9 * * 1-5", "time_zone": "UTC"}),
    "interval alone": (ANCHORED, {"every": "3h"}, {"every": "PT3H", "anchor": "2027-01-01T00:30:00Z"}),
    "anchor alone": (ANCHORED, {"anchor": "2027-01-01T00:00:00Z"}, {"every": "PT2H", "anchor": "2027-01-01T00:00:00Z"}),
    "anchor null": (ANCHORED, {"anchor": None}, {"every": "PT2H", "anchor": "1970-01-01T00:00:00Z"}),
    "to an interval": (DAILY, {"every": "1h"}, {"every": "PT1H", "anchor": "1970-01-01T00:00:00Z"}),
    "to an interval, with nulls": (
        DAILY,
        {"cron": None, "time_zone": None, "every": "1h"},
        {"every": "PT1H", "anchor": "1970-01-01T00:00:00Z"},
    ),
    "to cron": (ANCHORED, {"cron": "0 9 * * *"}, {"cron": "0 9 * * *", "time_zone": "UTC"}),
    "to once": (DAILY, {"at": "2099-01-01T09:00:00+01:00"}, {"at": "2099-01-01T08:00:00Z"}),
}


@pytest.mark.parametrize(("before", "patch", "after"), SCHEDULE_PATCHES.values(), ids=SCHEDULE_PATCHES)
async def test_a_schedule_keeps_what_a_patch_does_not_name_unless_its_kind_changes(
    rig: Rig, before: dict[str, Any], patch: dict[str, Any], after: dict[str, Any]
) -> None:
    await rig.make_trigger(schedule=before)

    patched = ok(await rig.api.patch(TRIGGER, json={"schedule": patch}))

    assert patched["schedule"] == after
    made = await rig.make_trigger("other", schedule=after)
    told = ("type", "schedule_text", "next_fire_times")
    assert [patched[field] for field in told] == [made[field] for field in told]


@pytest.mark.parametrize(
    ("before", "patch", "field", "says"),
    [
        (DAILY, {"cron": None}, "schedule", "exactly one"),
        (DAILY, {"cron": "0 7 * * *", "every": "1h"}, "schedule", "exactly one"),
        (DAILY, {"every": "1h", "time_zone": "Europe/Berlin"}, "schedule.time_zone", "belongs to cron"),
        (ANCHORED, {"time_zone": "Europe/Berlin"}, "schedule.time_zone", "belongs to cron"),
        (ANCHORED, {"every": None}, "schedule", "exactly one"),
    ],
)
async def test_a_patch_to_no_schedule_is_refused_and_changes_nothing(
    rig: Rig, before: dict[str, Any], patch: dict[str, Any], field: str, says: str
) -> None:
    made = await rig.make_trigger(schedule=before)

    [error] = problem(await rig.api.patch(TRIGGER, json={"schedule": patch}), 400)["errors"]

    assert error["field"] == field
    assert says in error["message"]
    assert ok(await rig.api.get(TRIGGER)) == made


def test_the_config_of_an_agent_merges_unless_its_kind_changes() -> None:
    config = {"url": "https://agents.example.com/a", "secret": "acme/CRM", "headers": {"X-A": "1", "X-B": "2"}}
    spec = AgentSpec.model_validate({"kind": "http", "config": config})

    same = merged(spec, {"config": {"headers": {"X-B": None, "X-C": "3"}}}, spec=AgentSpec)
    other = merged(spec, {"kind": "python", "config": {"callable": "acme.agents:digest"}}, spec=AgentSpec)

    assert same.config == config | {"headers": {"X-A": "1", "X-C": "3"}}
    assert other.config == {"callable": "acme.agents:digest"}


async def test_a_patch_may_be_announced_as_one(rig: Rig) -> None:
    await rig.make_trigger()
    headers = {"Content-Type": "application/merge-patch+json; charset=utf-8"}

    assert ok(await rig.api.patch(TRIGGER, content=b'{"name": "x"}', headers=headers))["name"] == "x"


async def test_labels_touch_nothing_else(rig: Rig) -> None:
    before = await rig.make_trigger()

    after = ok(await rig.api.patch(TRIGGER, json={"name": "Morning", "description": "x"}))

    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"name", "description", "revision", "updated"}


async def test_a_merge_that_changes_nothing_writes_nothing(rig: Rig) -> None:
    before = await rig.make_trigger()

    assert ok(await rig.api.patch(TRIGGER, json={"schedule": DAILY, "overlap": "skip"})) == before


def test_the_merge_of_a_payload_follows_rfc_7396() -> None:
    spec = TriggerSpec.model_validate(
        {"agent": "a", "schedule": {"every": "1h"}, "input": {"payload": {"a": {"b": "c"}, "l": [1], "k": 1}}}
    )

    patched = merged(
        spec,
        {"input": {"payload": {"a": {"b": "d", "c": None}, "l": {"x": None}, "n": {"y": {"z": None}}}}},
        spec=TriggerSpec,
    )

    assert patched.input.payload == {"a": {"b": "d"}, "l": {}, "k": 1, "n": {"y": {}}}


@pytest.mark.parametrize("kind", ["project", "agent", "trigger"])
async def test_an_edit_of_an_older_revision_is_refused(rig: Rig, kind: str) -> None:
    await rig.make_trigger()
    path = {"project": "/v1/projects/acme", "agent": "/v1/projects/acme/agents/digest", "trigger": TRIGGER}[kind]
    read = await rig.api.get(path)
    first = await rig.api.patch(path, json={"description": "mine"}, headers={"If-Match": read.headers["ETag"]})

    late = await rig.api.patch(path, json={"description": "yours"}, headers={"If-Match": read.headers["ETag"]})
    gone = await rig.api.delete(path, headers={"If-Match": read.headers["ETag"]})

    assert (read.headers["ETag"], first.headers["ETag"]) == ('"1"', '"2"')
    assert problem(late, 412)["code"] == "revision_mismatch"
    assert problem(gone, 412)["code"] == "revision_mismatch"
    if kind == "trigger":
        assert (await rig.api.post(f"{path}:disable", headers={"If-Match": '"1"'})).status_code == 412
    assert ok(await rig.api.get(path))["description"] == "mine"
    assert ok(await rig.api.patch(path, json={"description": "any"}, headers={"If-Match": "*"}))["revision"] == 3


async def test_of_many_edits_of_one_revision_one_wins(rig: Rig) -> None:
    await rig.make_trigger()

    answers = await asyncio.gather(
        *(rig.api.patch(TRIGGER, json={"name": f"n{n}"}, headers={"If-Match": '"1"'}) for n in range(8))
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 7}
    (name,) = (answer.json()["name"] for answer in answers if answer.status_code == 200)
    assert ok(await rig.api.get(TRIGGER))["name"] == name


async def test_edits_without_an_expected_revision_all_arrive(rig: Rig) -> None:
    await rig.make_trigger(input={"payload": {}})

    answers = await asyncio.gather(
        *(rig.api.patch(TRIGGER, json={"input": {"payload": {f"k{n}": n}}}) for n in range(4))
    )

    assert [answer.status_code for answer in answers] == [200] * 4
    assert ok(await rig.api.get(TRIGGER))["input"]["payload"] == {f"k{n}": n for n in range(4)}


async def test_a_ref_that_an_earlier_version_accepted_may_stay_but_not_become_another_such(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    await rig.make_trigger()
    await firestore_client.document("projects", "acme", "triggers", "morning").update({"input.ref": "the old one"})

    kept = ok(await rig.api.patch("/v1/projects/acme/triggers/morning", json={"queue_depth": 3}))
    refused = problem(
        await rig.api.patch("/v1/projects/acme/triggers/morning", json={"input": {"ref": "another one"}}), 400
    )
    mended = ok(await rig.api.patch("/v1/projects/acme/triggers/morning", json={"input": {"ref": "main"}}))

    assert (kept["input"]["ref"], kept["queue_depth"]) == ("the old one", 3)
    assert refused["errors"][0]["field"] == "input.ref"
    assert mended["input"]["ref"] == "main"


async def test_a_truth_value_that_becomes_a_number_is_a_change(rig: Rig) -> None:
    await rig.make_trigger()
    before = ok(await rig.api.patch(TRIGGER, json={"input": {"payload": {"ready": True}}}))

    after = ok(await rig.api.patch(TRIGGER, json={"input": {"payload": {"ready": 1}}}))

    assert (type(after["input"]["payload"]["ready"]), after["revision"]) == (int, before["revision"] + 1)
