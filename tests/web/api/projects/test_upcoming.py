"""What comes next in a project over HTTP, and why a trigger ran or did not run at one time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore import AsyncClient

from tock.app.tick.tick import tick
from tock.core.time.instant import instant_text
from web.rig import Rig, ok, problem

pytestmark = pytest.mark.anyio
UPCOMING = "/v1/projects/acme/upcoming"
NEW_YEAR = {"cron": "0 9 1 1 *", "time_zone": "Europe/Berlin"}


async def _upcoming(rig: Rig, **query: Any) -> dict[str, Any]:
    return ok(await rig.api.get(UPCOMING, params=query))


async def test_all_triggers_come_in_one_order_with_their_clashes(rig: Rig) -> None:
    await rig.make_project("other")
    await rig.api.post("/v1/projects/other/triggers", json={"id": "t", "agent": "digest", "schedule": NEW_YEAR})
    await rig.make_trigger("yearly", schedule=NEW_YEAR)
    await rig.make_trigger("same", schedule={"at": "2099-01-01T09:00:00+01:00"})
    await rig.make_trigger("off", schedule=NEW_YEAR, enabled=False)

    found = await _upcoming(rig, until="2099-01-02T00:00:00Z", limit=500)

    assert (found["project"], found["until"], found["more"], found["unreadable"]) == (
        "acme",
        "2099-01-02T00:00:00Z",
        False,
        [],
    )
    last, same = found["upcoming"][-2:]
    assert {last["trigger"], same["trigger"]} == {"yearly", "same"}
    assert (
        last | {"trigger": "", "local": ""}
        == same | {"trigger": "", "local": ""}
        == {
            "due_at": "2099-01-01T08:00:00Z",
            "local": "",
            "status": "to_come",
            "trigger": "",
            "agent": "digest",
            "scheduled_for": "2099-01-01T08:00:00Z",
            "run": None,
            "clashes": 1,
        }
    )
    assert {last["local"], same["local"]} == {"2099-01-01T09:00:00+01:00", "2099-01-01T08:00:00+00:00"}
    assert {each["clashes"] for each in found["upcoming"][:-2]} == {0}


async def test_runs_that_are_not_over_stand_before_what_no_tick_has_claimed(rig: Rig) -> None:
    far = instant_text(rig.services.clock.now() + timedelta(minutes=30))
    await rig.make_trigger("often", schedule={"every": "1h", "anchor": far})
    begun = await rig.start()

    found = await _upcoming(rig, limit=2)

    first, second = found["upcoming"]
    assert (first["run"], first["status"], first["trigger"], first["agent"]) == (begun["id"], "queued", None, "digest")
    assert (second["run"], second["status"], second["trigger"]) == (None, "to_come", "often")
    assert (found["more"], _seconds_between(second["due_at"], found["until"])) == (True, 3600)


async def test_a_dense_trigger_may_be_cut(rig: Rig) -> None:
    await rig.make_trigger("dense", schedule={"every": "10s"})
    await rig.make_trigger("rare", schedule=NEW_YEAR)
    claimed = len([each for each in (await _upcoming(rig))["upcoming"] if each["run"]])

    found = await _upcoming(rig, per_trigger=1, limit=claimed + 2)

    assert [each["trigger"] for each in found["upcoming"] if each["run"] is None] == ["dense", "rare"]


async def test_a_trigger_that_cannot_be_read_takes_the_place_of_none(rig: Rig, firestore_client: AsyncClient) -> None:
    for trigger, year in (("bad", 2096), ("a", 2097), ("b", 2098), ("c", 2099)):
        await rig.make_trigger(trigger, schedule={"at": f"{year}-01-01T00:00:00Z"})
    await firestore_client.document("projects", "acme", "triggers", "bad").update({"overlap": "perhaps"})

    found = await _upcoming(rig, limit=2)

    assert [each["trigger"] for each in found["upcoming"]] == ["a", "b"]
    assert (found["more"], found["until"]) == (True, "2099-01-01T00:00:00Z")
    assert [each["id"] for each in found["unreadable"]] == ["bad"]


async def test_what_cannot_be_asked_is_refused(rig: Rig) -> None:
    for query, field in (({"limit": 501}, "limit"), ({"per_trigger": 0}, "per_trigger"), ({"until": "soon"}, "until")):
        [error] = problem(await rig.api.get(UPCOMING, params=query), 400)["errors"]
        assert error["field"] == field
    problem(await rig.api.get("/v1/projects/nowhere/upcoming"), 404)


async def test_why_a_time_ran_is_to_come_or_is_none(rig: Rig) -> None:
    made = await rig.make_trigger("often", schedule={"every": "10s"}, overlap="parallel")
    run = ok(await rig.api.get(f"/v1/projects/acme/runs/{made['claimed'][0]['run']}"))
    await tick(rig.services)

    claimed = await _why(rig, "often", at=run["scheduled_for"])
    far = await _why(rig, "often", at="2099-01-01T00:00:00Z")
    between = await _why(rig, "often", at="2099-01-01T00:00:03Z")
    early = await _why(rig, "often", at=instant_text(rig.services.clock.now() - timedelta(hours=1)))

    assert (claimed["run"], claimed["at"]) == (run["id"], run["scheduled_for"])
    assert claimed["verdict"] in {"to_come", "in_flight"}
    assert (far["verdict"], far["run"]) == ("to_come", None)
    assert between == {
        "project": "acme",
        "trigger": "often",
        "at": "2099-01-01T00:00:03Z",
        "verdict": "not_due",
        "sentence": "The schedule has no such time: it fires every 10 seconds; the "
        "nearest are 2099-01-01T00:00:00+00:00 before and 2099-01-01T00:00:10+00:00 after.",
        "run": None,
        "nearest_before": "2099-01-01T00:00:00Z",
        "nearest_after": "2099-01-01T00:00:10Z",
    }
    assert early["verdict"] == "not_created"


async def test_why_of_a_deleted_trigger_and_of_what_nobody_stores(rig: Rig) -> None:
    await rig.make_trigger("gone", schedule=NEW_YEAR)
    await rig.api.delete("/v1/projects/acme/triggers/gone")

    found = await _why(rig, "gone", at="2099-01-01T08:00:00Z")

    assert (found["verdict"], found["nearest_after"]) == ("deleted", None)
    problem(await rig.api.get("/v1/projects/acme/triggers/never:why", params={"at": "2027-01-01T00:00:00Z"}), 404)
    path = "/v1/projects/acme/triggers/gone:why"
    for query, says in (({}, "required"), ({"at": "2020-01-01T00:00:00Z"}, "oldest stored records")):
        [error] = problem(await rig.api.get(path, params=query), 400)["errors"]
        assert (error["field"], says in error["message"]) == ("at", True)


async def _why(rig: Rig, trigger: str, **query: Any) -> dict[str, Any]:
    return ok(await rig.api.get(f"/v1/projects/acme/triggers/{trigger}:why", params=query))


def _seconds_between(first: str, second: str) -> float:
    return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds()
