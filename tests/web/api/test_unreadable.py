"""Stored documents that no longer parse or cannot be shown: listed by id with the problem, and mended by a client."""

from typing import Any

import httpx
import pytest
from google.cloud.firestore import AsyncClient

from web.rig import DAILY, DIGEST, Rig, created, ok, problem

pytestmark = pytest.mark.anyio
ACME = "/v1/projects/acme"
TRIGGER = f"{ACME}/triggers/morning"
AGENT = f"{ACME}/agents/digest"
SPEC = {"agent": "digest", "schedule": DAILY}
DEEP = "[" * 300 + "]" * 300

#: Stored fields that make a document of each kind unreadable, each with a part of the problem that is shown.
DAMAGED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a trigger whose policy is unknown": ("triggers/morning", {"overlap": "sometimes"}, "overlap"),
    "a trigger whose schedule is text": ("triggers/morning", {"schedule": "0 9 * * *"}, "schedule"),
    "a trigger whose zone is gone": ("triggers/morning", {"schedule.time_zone": "Mars/Olympus"}, "Mars/Olympus"),
    "a trigger whose payload is no JSON": ("triggers/morning", {"input": {"payload": "{"}}, "input"),
    "a trigger whose payload is too deep": ("triggers/morning", {"input.payload": f'{{"a":{DEEP}}}'}, "64 levels"),
    "an agent without a kind": ("agents/digest", {"kind": None}, "kind"),
    "an agent whose configuration is too deep": ("agents/digest", {"config": f'{{"a":{DEEP}}}'}, "64 levels"),
    "an agent with half a surrogate pair": ("agents/digest", {"config": '{"a":"\\ud800"}'}, "surrogate"),
    "a run whose status is unknown": ("runs/RUN", {"status": "dreaming"}, "status"),
    "a run whose result is too deep": ("runs/RUN", {"result": DEEP}, "64 levels"),
    "a run whose result is much too deep": ("runs/RUN", {"result": "[" * 90_000 + "]" * 90_000}, "levels"),
    "a run whose result is a level too deep": ("runs/RUN", {"result": "[" * 65 + "]" * 65}, "64 levels"),
    "a run whose result has half a surrogate pair": ("runs/RUN", {"result": '"caf\\udce9.txt"'}, "surrogate"),
    "a run whose result has a surrogate as a name": ("runs/RUN", {"result": '{"\\ud800":1}'}, "surrogate"),
    "a run whose result is not a number": ("runs/RUN", {"result": "[NaN]"}, "finite"),
    "a run whose result is infinite": ("runs/RUN", {"result": "[1e999]"}, "finite"),
    "a run whose cost is not a number": ("runs/RUN", {"usage": {"cost": float("nan")}}, "finite"),
    "a run whose payload is too deep": ("runs/RUN", {"input.payload": f'{{"a":{DEEP}}}'}, "64 levels"),
}


async def _damage(rig: Rig, firestore: AsyncClient, document: str, fields: dict[str, Any]) -> tuple[str, str]:
    """Damage a document of a project with a run of each kind; return its collection and id."""
    await rig.make_trigger()
    run = await rig.execute(await rig.start("triggers/morning"))
    collection, _, identifier = document.replace("RUN", run["id"]).partition("/")
    await firestore.document("projects", "acme", collection, identifier).update(fields)
    return collection, identifier


@pytest.mark.parametrize(("document", "fields", "words"), DAMAGED.values(), ids=DAMAGED)
async def test_a_damaged_document_is_listed_by_its_id_beside_the_others(
    rig: Rig, firestore_client: AsyncClient, document: str, fields: dict[str, Any], words: str
) -> None:
    collection, identifier = await _damage(rig, firestore_client, document, fields)
    others = {
        "triggers": lambda: rig.make_trigger("evening"),
        "agents": lambda: rig.api.post(f"{ACME}/agents", json=DIGEST | {"id": "other"}),
        "runs": lambda: rig.start(subject="other"),
    }
    await others[collection]()

    page = ok(await rig.api.get(f"{ACME}/{collection}"))

    [listed] = page["unreadable"]
    assert listed["id"] == identifier
    assert words in listed["problem"]
    assert len(page[collection]) == 1
    assert page[collection][0]["id"] != identifier


@pytest.mark.parametrize(("document", "fields", "words"), DAMAGED.values(), ids=DAMAGED)
async def test_a_damaged_document_is_answered_with_a_problem_that_names_it(
    rig: Rig, firestore_client: AsyncClient, document: str, fields: dict[str, Any], words: str
) -> None:
    collection, identifier = await _damage(rig, firestore_client, document, fields)

    refused = problem(await rig.api.get(f"{ACME}/{collection}/{identifier}"), 409)

    assert (refused["code"], refused["transient"]) == ("unreadable", False)
    assert f"{collection[:-1]} '{identifier}'" in refused["detail"]
    assert words in refused["detail"]
    assert "elete it" in refused["detail"]


async def test_a_damaged_project_is_listed_and_its_parts_are_still_shown(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    await rig.make_trigger()
    await firestore_client.document("projects", "acme").update({"name": 7})

    page = ok(await rig.api.get("/v1/projects"))

    assert (page["projects"], [each["id"] for each in page["unreadable"]]) == ([], ["acme"])
    assert problem(await rig.api.get(ACME), 409)["code"] == "unreadable"
    assert [each["id"] for each in ok(await rig.api.get(f"{ACME}/triggers"))["triggers"]] == ["morning"]
    assert ok(await rig.api.get(f"{ACME}/runs"))["runs"] == []


PATHS = {"project": ACME, "agent": AGENT, "trigger": TRIGGER}
BODIES: dict[str, dict[str, Any]] = {
    "project": {"name": "Acme"},
    "agent": {field: DIGEST[field] for field in ("kind", "config")},
    "trigger": SPEC,
}
UNREADABLE: dict[str, dict[str, Any]] = {
    "project": {"name": 7},
    "agent": {"kind": None},
    "trigger": {"overlap": "sometimes"},
}


async def _damaged(rig: Rig, firestore: AsyncClient, kind: str) -> str:
    """Damage the document of this kind; return its path in the API."""
    await rig.make_trigger()
    await firestore.document(*PATHS[kind].removeprefix("/v1/").split("/")).update(UNREADABLE[kind])
    return PATHS[kind]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("kind", PATHS)
async def test_a_whole_replacement_mends_a_damaged_document(
    rig: Rig, firestore_client: AsyncClient, kind: str, method: str
) -> None:
    path = await _damaged(rig, firestore_client, kind)

    mended = ok(await rig.api.request(method, path, json=BODIES[kind]))

    assert mended["revision"] == 2
    assert ok(await rig.api.get(path)) == mended
    assert {field: mended[field] for field in BODIES[kind]} == BODIES[kind]
    assert ok(await rig.api.get(path.rpartition("/")[0]))["unreadable"] == []


@pytest.mark.parametrize("kind", ["agent", "trigger"])
async def test_a_patch_of_some_fields_does_not_mend_what_cannot_be_read(
    rig: Rig, firestore_client: AsyncClient, kind: str
) -> None:
    path = await _damaged(rig, firestore_client, kind)

    refused = problem(await rig.api.patch(path, json={"name": "x"}), 409)

    assert refused["code"] == "unreadable"
    assert "PUT" in refused["detail"]


@pytest.mark.parametrize("kind", PATHS)
async def test_a_damaged_document_has_an_etag_and_only_that_one_fits(
    rig: Rig, firestore_client: AsyncClient, kind: str
) -> None:
    path = await _damaged(rig, firestore_client, kind)

    etag = (await rig.api.get(path)).headers["ETag"]

    assert problem(await rig.api.put(path, json=BODIES[kind], headers={"If-Match": '"1"'}), 412)
    assert problem(await rig.api.delete(path, headers={"If-Match": '"1"'}), 412)
    other = etag[:-2] + ("1" if etag[-2] != "1" else "2") + '"'
    assert problem(await rig.api.put(path, json=BODIES[kind], headers={"If-Match": other}), 412)
    assert ok(await rig.api.put(path, json=BODIES[kind], headers={"If-Match": etag}))["revision"] == 2
    assert problem(await rig.api.put(path, json=BODIES[kind], headers={"If-Match": etag}), 412)


async def _clear(rig: Rig, *, but: str) -> None:
    for path in (TRIGGER, AGENT):
        if path != but:
            assert (await rig.api.delete(path)).status_code == 204


@pytest.mark.parametrize("kind", ["trigger", "agent", "project"])
async def test_a_damaged_document_can_be_deleted(rig: Rig, firestore_client: AsyncClient, kind: str) -> None:
    path = await _damaged(rig, firestore_client, kind)
    if kind != "trigger":
        await _clear(rig, but=path)

    deleted = await rig.api.delete(path, headers={"If-Match": (await rig.api.get(path)).headers["ETag"]})

    assert deleted.status_code == 204, deleted.text
    problem(await rig.api.get(path), 404)


async def test_an_agent_is_in_use_by_a_trigger_that_cannot_be_read(rig: Rig, firestore_client: AsyncClient) -> None:
    await _damaged(rig, firestore_client, "trigger")

    assert "'morning'" in problem(await rig.api.delete(AGENT), 409)["detail"]
    assert "'morning'" in problem(await rig.api.delete(ACME), 409)["detail"]


async def test_a_damaged_api_key_opens_nothing_is_listed_and_can_be_revoked(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    keys = f"{ACME}/api-keys"
    issued = created(await rig.api.post(keys, json={"name": "ci"}))
    await firestore_client.document("projects", "acme", "api_keys", issued["id"]).update({"created": "once"})

    refused = await rig.api.get(keys, headers={"Authorization": f"Bearer {issued['token']}"})

    assert problem(refused, 401)["code"] == "unauthenticated"
    assert [each["id"] for each in ok(await rig.api.get(keys))["unreadable"]] == [issued["id"]]
    assert (await rig.api.delete(f"{keys}/{issued['id']}")).status_code == 204
    assert ok(await rig.api.get(keys)) == {"api_keys": [], "unreadable": [], "next_page_token": None}


async def test_a_project_is_deleted_with_an_api_key_that_cannot_be_read(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    issued = created(await rig.api.post(f"{ACME}/api-keys"))
    await firestore_client.document("projects", "acme", "api_keys", issued["id"]).update({"created": "once"})
    assert (await rig.api.delete(AGENT)).status_code == 204

    assert (await rig.api.delete(ACME)).status_code == 204

    assert [each.id async for each in firestore_client.collection("projects", "acme", "api_keys").stream()] == []


async def test_a_run_that_cannot_be_read_can_be_deleted_and_another_one_cannot(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    readable = await rig.execute(await rig.start())
    _, damaged = await _damage(rig, firestore_client, "runs/RUN", {"result": DEEP})

    assert (await rig.api.delete(f"{ACME}/runs/{damaged}")).status_code == 204
    problem(await rig.api.get(f"{ACME}/runs/{damaged}"), 404)
    problem(await rig.api.delete(f"{ACME}/runs/{damaged}"), 404)
    refused = problem(await rig.api.delete(f"{ACME}/runs/{readable['id']}"), 409)
    assert "expires" in refused["detail"]
    ok(await rig.api.get(f"{ACME}/runs/{readable['id']}"))


async def test_requests_about_a_run_that_cannot_be_read_name_it(rig: Rig, firestore_client: AsyncClient) -> None:
    _, damaged = await _damage(rig, firestore_client, "runs/RUN", {"status": "dreaming"})

    for path in (f"{damaged}:retry", f"{damaged}:cancel"):
        assert problem(await rig.api.post(f"{ACME}/runs/{path}"), 409)["code"] == "unreadable"
    again = await rig.retry.post("/", json={"project": "acme", "run": damaged})
    assert problem(again, 409)["code"] == "unreadable"


EVENTS = {
    "half a surrogate pair": '"caf\\udce9.txt"',
    "260 levels": "[" * 260 + "]" * 260,
    "65 levels": "[" * 65 + "]" * 65,
    "more levels than Python reads": "[" * 90_000 + "]" * 90_000,
    "not a number": "NaN",
}


@pytest.mark.parametrize("data", EVENTS.values(), ids=EVENTS)
async def test_an_event_that_cannot_be_shown_leaves_the_others(
    rig: Rig, firestore_client: AsyncClient, data: str
) -> None:
    run = await rig.execute(await rig.start())
    [chunk] = await firestore_client.collection("projects", "acme", "runs", run["id"], "chunks").get()
    text = chunk.get("events").replace('{"read":2}', data)
    await chunk.reference.update({"events": text})

    page = ok(await rig.api.get(f"{ACME}/runs/{run['id']}/events"))

    [unreadable] = page["unreadable"]
    if data != EVENTS["more levels than Python reads"]:
        reported = [event["data"] for event in page["events"] if not event["kind"].startswith("run.")]
        assert reported == [{"read": 1}, {"read": 3}]
        assert unreadable["id"] == "1000002"
    assert page["next_since"] == 1_999_999


async def test_events_that_no_longer_parse_are_listed_by_their_numbers_and_passed(
    rig: Rig, firestore_client: AsyncClient
) -> None:
    run = await rig.execute(await rig.start())
    [chunk] = await firestore_client.collection("projects", "acme", "runs", run["id"], "chunks").get()
    await chunk.reference.update({"events": "nothing"})
    path = f"{ACME}/runs/{run['id']}/events"

    page = ok(await rig.api.get(path, params={"since": 1_000_000, "limit": 1}))
    rest = ok(await rig.api.get(path, params={"since": page["next_since"]}))

    assert (page["events"], page["next_since"]) == ([], 1_000_003)
    assert [each["id"] for each in page["unreadable"]] == ["1000001-1000003"]
    assert ([event["seq"] for event in rest["events"]], rest["unreadable"]) == ([1_499_998, 1_999_999], [])


async def test_the_state_of_the_scheduler_that_cannot_be_read_is_none(rig: Rig, firestore_client: AsyncClient) -> None:
    await firestore_client.document("system", "scheduler").set({"last_tick": "yesterday"})

    answer = await rig.api.get("/v1/health")

    assert (answer.status_code, answer.json()["status"]) == (503, "late")


async def test_a_put_replaces_every_field_that_its_author_writes(rig: Rig) -> None:
    before = await rig.make_trigger(name="Morning", overlap="queue", timeout="1m", input={"payload": {"a": 1}})

    answer = await rig.api.put(TRIGGER, json=SPEC, headers={"If-Match": '"1"'})

    after = ok(answer)
    assert answer.headers["ETag"] == '"2"'
    assert after == before | {
        "name": None,
        "overlap": "skip",
        "timeout": "PT5M",
        "input": {"message": None, "payload": {}, "model": None, "ref": None},
        "revision": 2,
        "updated": after["updated"],
    }
    assert ok(await rig.api.put(TRIGGER, json=SPEC)) == after


async def test_a_put_of_what_does_not_exist_or_is_not_whole_is_refused(rig: Rig) -> None:
    await rig.make_trigger()

    missing: list[httpx.Response] = [
        await rig.api.put(f"{ACME}/triggers/evening", json=SPEC),
        await rig.api.put(f"{ACME}/agents/other", json=BODIES["agent"]),
        await rig.api.put("/v1/projects/other", json={}),
    ]

    assert [problem(answer, 404)["code"] for answer in missing] == ["not_found"] * 3
    [error] = problem(await rig.api.put(TRIGGER, json={"agent": "digest"}), 400)["errors"]
    assert (error["field"], error["message"]) == ("schedule", "is required: add it")
