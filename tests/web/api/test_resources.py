"""Every route of the resources, on the real store."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tock.version import VERSION
from web.rig import BROKEN, DAILY, DIGEST, Rig, created, ok, problem

pytestmark = pytest.mark.anyio
STAMP = {"at", "by"}


async def test_a_project_is_created_listed_read_changed_and_deleted(empty: Rig) -> None:
    api = empty.api

    answer = await api.post("/v1/projects", json={"id": "acme", "name": " Acme "})

    made = created(answer)
    assert answer.headers["Location"] == "/v1/projects/acme"
    assert answer.headers["ETag"] == '"1"'
    assert made == {
        "id": "acme",
        "name": "Acme",
        "description": "",
        "concurrency": None,
        "revision": 1,
        "created": made["created"],
        "updated": made["created"],
    }
    assert made["created"]["by"] == "deployment-key"
    assert ok(await api.get("/v1/projects")) == {"projects": [made], "unreadable": [], "next_page_token": None}
    changed = ok(await api.patch("/v1/projects/acme", json={"description": "tests", "name": None, "concurrency": 2}))
    assert (changed["description"], changed["name"], changed["revision"]) == ("tests", None, 2)
    assert changed["concurrency"] == 2
    assert ok(await api.patch("/v1/projects/acme", json={"concurrency": None}))["concurrency"] is None
    for value in (0, 101, "2"):
        refused = problem(await api.patch("/v1/projects/acme", json={"concurrency": value}), 400)
        assert refused["errors"][0]["field"] == "concurrency"
    assert (await api.delete("/v1/projects/acme")).status_code == 204
    assert problem(await api.get("/v1/projects/acme"), 404)["code"] == "not_found"


async def test_an_agent_is_created_listed_read_changed_and_deleted(rig: Rig) -> None:
    agents = "/v1/projects/acme/agents"

    made = created(await rig.api.post(agents, json=BROKEN | {"name": "Broken"}))

    assert made == {
        "project": "acme",
        "id": "broken",
        "name": "Broken",
        "description": "",
        "kind": "python",
        "config": BROKEN["config"],
        "enabled": True,
        "concurrency": None,
        "evidence": None,
        "progress_every": None,
        "labels": {},
        "revision": 1,
        "created": made["created"],
        "updated": made["created"],
    }
    assert [agent["id"] for agent in ok(await rig.api.get(agents))["agents"]] == ["broken", "digest"]
    assert ok(await rig.api.get(f"{agents}/broken")) == made
    changed = ok(await rig.api.patch(f"{agents}/broken", json={"config": DIGEST["config"]}))
    assert (changed["config"], changed["name"], changed["revision"]) == (DIGEST["config"], "Broken", 2)
    assert (await rig.api.delete(f"{agents}/broken")).status_code == 204
    problem(await rig.api.get(f"{agents}/broken"), 404)


async def test_a_trigger_is_created_listed_read_changed_and_deleted(rig: Rig) -> None:
    triggers = "/v1/projects/acme/triggers"

    made = await rig.make_trigger(input={"message": "Digest of {{payload.repo}}", "payload": {"repo": "tock"}})

    assert made["next_run_at"] is not None
    assert made == {
        "project": "acme",
        "id": "morning",
        "type": "recurring",
        "name": None,
        "description": "",
        "agent": "digest",
        "schedule": DAILY,
        "input": {"message": "Digest of {{payload.repo}}", "payload": {"repo": "tock"}, "model": None, "ref": None},
        "overlap": "skip",
        "queue_depth": 1,
        "max_parallel": None,
        "session": "new",
        "evidence": None,
        "progress_every": None,
        "catch_up": {"mode": "latest", "window": "PT1H"},
        "start_deadline": None,
        "retry": {"max_retries": 2, "delay": "PT1M", "give_up_at_next": False},
        "timeout": "PT5M",
        "start": None,
        "end": None,
        "enabled": True,
        "labels": {},
        "revision": 1,
        "next_run_at": made["next_run_at"],
        "claimed": [],
        "conversation": None,
        "last_run": None,
        "schedule_text": "at 09:00 on Monday to Friday, Europe/Berlin time",
        "next_fire_times": made["next_fire_times"],
        "paused": None,
        "created": made["created"],
        "updated": made["created"],
    }
    assert ok(await rig.api.get(triggers)) == {"triggers": [made], "unreadable": [], "next_page_token": None}
    assert ok(await rig.api.get(triggers, params={"agent": "digest"}))["triggers"] == [made]
    assert ok(await rig.api.get(triggers, params={"agent": "other"}))["triggers"] == []
    assert ok(await rig.api.get(f"{triggers}/morning")) == made
    assert (await rig.api.delete(f"{triggers}/morning")).status_code == 204
    problem(await rig.api.get(f"{triggers}/morning"), 404)
    problem(await rig.api.delete(f"{triggers}/morning"), 404)
    problem(await rig.api.patch(f"{triggers}/morning", json={"name": "x"}), 404)


async def test_each_answer_with_a_trigger_says_its_schedule_in_words_with_the_next_local_fire_times(rig: Rig) -> None:
    trigger = "/v1/projects/acme/triggers/morning"
    bounds = {"start": "2099-03-27T12:00:00Z", "end": "2099-04-01T00:00:00Z"}
    expected = ["2099-03-30T09:00:00+02:00", "2099-03-31T09:00:00+02:00"]

    made = await rig.make_trigger(**bounds)
    disabled = ok(await rig.api.post(f"{trigger}:disable"))
    enabled = ok(await rig.api.post(f"{trigger}:enable"))
    edited = ok(await rig.api.patch(trigger, json={"schedule": {"every": "1d"}, "start": None, "end": None}))

    assert [answer["next_fire_times"] for answer in (made, disabled, enabled)] == [expected, [], expected]
    assert {answer["schedule_text"] for answer in (made, disabled, enabled)} == {
        "at 09:00 on Monday to Friday, Europe/Berlin time"
    }
    assert edited["schedule_text"] == "every day at 00:00:00 UTC"
    assert [text[10:] for text in edited["next_fire_times"]] == ["T00:00:00+00:00"] * 3


async def test_a_claimed_fire_time_is_among_the_next_ones(rig: Rig) -> None:
    made = await rig.make_trigger(schedule={"every": "20s"})

    times = [datetime.fromisoformat(text) for text in made["next_fire_times"]]

    assert times[0] == datetime.fromisoformat(made["next_run_at"])
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(seconds=20)] * 2


async def test_ids_are_given_where_the_author_gives_none(rig: Rig) -> None:
    agent = created(await rig.api.post("/v1/projects/acme/agents", json=DIGEST | {"id": None}))
    trigger = created(
        await rig.api.post("/v1/projects/acme/triggers", json={"agent": agent["id"], "schedule": {"every": "1h"}})
    )

    assert agent["id"].startswith("a-")
    assert trigger["id"].startswith("t-")
    assert trigger["type"] == "interval"


async def test_a_taken_id_is_refused(rig: Rig) -> None:
    await rig.make_trigger()

    trigger = await rig.api.post(
        "/v1/projects/acme/triggers", json={"id": "morning", "agent": "digest", "schedule": DAILY}
    )

    assert problem(trigger, 409)["code"] == "already_exists"
    assert problem(await rig.api.post("/v1/projects", json={"id": "acme"}), 409)["code"] == "already_exists"
    assert problem(await rig.api.post("/v1/projects/acme/agents", json=DIGEST), 409)["code"] == "already_exists"


async def test_what_is_needed_cannot_be_deleted(rig: Rig) -> None:
    await rig.make_trigger()

    agent = await rig.api.delete("/v1/projects/acme/agents/digest")
    project = await rig.api.delete("/v1/projects/acme")

    assert "the trigger 'morning'" in problem(agent, 409)["detail"]
    assert problem(project, 409)["code"] == "in_use"


async def test_a_disabled_trigger_has_nothing_to_come_until_it_is_enabled(rig: Rig) -> None:
    await rig.make_trigger(enabled=False)

    read = ok(await rig.api.get("/v1/projects/acme/triggers/morning"))
    enabled = ok(await rig.api.post("/v1/projects/acme/triggers/morning:enable"))
    disabled = ok(await rig.api.post("/v1/projects/acme/triggers/morning:disable", json={}))

    assert (read["next_run_at"], read["paused"]["reason"]) == (None, "disabled")
    assert (enabled["next_run_at"] is not None, enabled["paused"], enabled["enabled"]) == (True, None, True)
    assert (disabled["next_run_at"], disabled["paused"]["by"]) == (None, "deployment-key")


async def test_an_api_key_shows_its_token_once(rig: Rig) -> None:
    keys = "/v1/projects/acme/api-keys"

    issued = created(await rig.api.post(keys, json={"name": "ci"}))

    token = issued.pop("token")
    assert token.startswith(f"tock.acme/{issued['id']}/")
    listed = await rig.api.get(keys)
    assert ok(listed) == {"api_keys": [issued], "unreadable": [], "next_page_token": None}
    assert "secret" not in listed.text
    assert token.rpartition("/")[2] not in listed.text
    assert (await rig.api.delete(f"{keys}/{issued['id']}")).status_code == 204
    problem(await rig.api.delete(f"{keys}/{issued['id']}"), 404)


async def test_text_from_users_comes_back_as_inert_json(rig: Rig) -> None:
    hostile = "<script>alert(1)</script>"

    answer = await rig.api.patch("/v1/projects/acme", json={"description": hostile})

    assert ok(answer)["description"] == hostile
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Tock-Version"] == VERSION


async def test_a_project_that_does_not_exist_is_not_an_empty_one(empty: Rig) -> None:
    for listing in ("agents", "triggers", "runs", "api-keys"):
        problem(await empty.api.get(f"/v1/projects/nowhere/{listing}"), 404)
