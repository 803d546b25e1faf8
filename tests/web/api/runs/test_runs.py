"""Runs over HTTP: how they end, and what can be asked of them: retry, cancel, resume."""

from typing import Any

import pytest

from tock.core.run.status import RunStatus
from tock.ports.store import Change
from web.rig import BROKEN, Rig, created, ok, problem

pytestmark = pytest.mark.anyio
RUNS = "/v1/projects/acme/runs"


async def test_a_settled_run_shows_its_attempt_result_and_events(rig: Rig) -> None:
    run = await rig.start(input={"payload": {"repo": "tock"}})

    done = await rig.execute(run)

    assert (done["status"], done["result"]["payload"]) == ("succeeded", {"repo": "tock"})
    assert done["lateness_seconds"] >= 0
    assert done["duration_seconds"] >= 0
    (attempt,) = done["attempts"]
    assert (attempt["number"], attempt["status"], attempt["error"]) == (1, "succeeded", None)
    assert "owner" not in attempt
    page, shown = {"next_since": 0, "events": [{}]}, []
    while page["events"]:
        page = ok(await rig.api.get(f"{RUNS}/{run['id']}/events", params={"limit": 2, "since": page["next_since"]}))
        shown += page["events"]
    assert [(event["seq"], event["kind"], event["data"].get("read")) for event in shown] == [
        (1, "run.created", None),
        (1_000_000, "run.started", None),
        *((1_000_000 + number, "progress", number) for number in (1, 2, 3)),
        (1_499_998, "run.attempt_ended", None),
        (1_999_999, "run.settled", None),
    ]
    assert page == {"events": [], "unreadable": [], "next_since": 1_999_999, "status": "succeeded"}


async def test_a_failure_says_whether_it_may_pass(rig: Rig) -> None:
    created(await rig.api.post("/v1/projects/acme/agents", json=BROKEN))

    failed = await rig.execute(await rig.start("agents/broken"))

    assert failed["status"] == "failed"
    assert failed["error"] == {
        "type": failed["error"]["type"],
        "message": "broken never works",
        "retryable": False,
        "classification": "permanent",
    }
    assert failed["attempts"][0]["error"] == failed["error"]


async def test_a_retry_repeats_the_snapshot_and_links_both_ways(rig: Rig) -> None:
    await rig.make_trigger(input={"message": "then", "model": "small"})
    first = await rig.execute(await rig.start("triggers/morning"))
    ok(await rig.api.patch("/v1/projects/acme/triggers/morning", json={"input": {"message": "now"}}))

    answer = await rig.api.post(f"{RUNS}/{first['id']}:retry", json={"model": "large"})

    assert answer.status_code == 202
    again = answer.json()
    assert answer.headers["Location"] == f"{RUNS}/{again['id']}"
    assert (again["source"], again["retry_of"], again["root"]) == ("retry", first["id"], first["id"])
    assert again["input"] == first["input"] | {"model": "large"}
    assert ok(await rig.api.get(f"{RUNS}/{first['id']}"))["retried_by"] == [again["id"]]
    blocked = problem(await rig.api.post(f"{RUNS}/{first['id']}:retry"), 409)
    assert (blocked["code"], blocked["active_run"]) == ("active_run", again["id"])
    await rig.execute(again)
    current = await rig.api.post(f"{RUNS}/{first['id']}:retry", json={"config": "current"})
    assert current.json()["input"]["message"] == "now"


async def test_an_active_run_cannot_be_repeated(rig: Rig) -> None:
    run = await rig.start()

    answer = problem(await rig.api.post(f"{RUNS}/{run['id']}:retry"), 409)

    assert (answer["code"], answer["active_run"]) == ("run_not_settled", run["id"])


async def test_a_cancelled_run_stays_cancelled_however_often_it_is_asked(rig: Rig) -> None:
    run = await rig.start(subject="ticket-7")

    first = ok(await rig.api.post(f"{RUNS}/{run['id']}:cancel", json={"reason": "not needed"}))
    second = ok(await rig.api.post(f"{RUNS}/{run['id']}:cancel"))

    assert (first["status"], first["reason"], first["previous_status"]) == ("cancelled", "not needed", "queued")
    assert first["cancel_requested"]["by"] == "deployment-key"
    assert second == first | {"previous_status": "cancelled"}
    assert (await rig.execute(run))["attempts"] == []
    await rig.start(subject="ticket-7")


async def test_cancelling_what_succeeded_names_its_status(rig: Rig) -> None:
    run = await rig.execute(await rig.start())

    answer = problem(await rig.api.post(f"{RUNS}/{run['id']}:cancel"), 409)

    assert (answer["code"], "succeeded" in answer["detail"]) == ("run_settled", True)


@pytest.mark.parametrize(
    ("verb", "body"),
    [("steer", {"message": "shorter"}), ("approve", {}), ("reject", {}), ("answer", {"value": 1}), ("cancel", {})],
)
async def test_what_is_for_an_active_run_finds_no_other(rig: Rig, verb: str, body: dict[str, Any]) -> None:
    run = await rig.execute(await rig.start())

    settled = problem(await rig.api.post(f"{RUNS}/{run['id']}:{verb}", json=body), 409)
    unknown = problem(await rig.api.post(f"{RUNS}/nobody:{verb}", json=body), 404)

    assert (settled["code"], "is succeeded already" in settled["detail"]) == ("run_settled", True)
    assert unknown["detail"] == "There is no run 'nobody'."


@pytest.mark.parametrize(
    ("verb", "body", "lacks"),
    [
        ("resume", {"feedback": "More"}, "saved no conversation"),
        ("exec", {"command": "build"}, "has no workspace"),
    ],
)
async def test_what_goes_on_after_a_run_needs_one_that_has_ended_and_left_something(
    rig: Rig, verb: str, body: dict[str, Any], lacks: str
) -> None:
    run = await rig.start()

    active = problem(await rig.api.post(f"{RUNS}/{run['id']}:{verb}", json=body), 409)
    await rig.execute(run)
    bare = problem(await rig.api.post(f"{RUNS}/{run['id']}:{verb}", json=body), 409)
    unknown = problem(await rig.api.post(f"{RUNS}/nobody:{verb}", json=body), 404)

    assert (active["code"], active["active_run"]) == ("run_not_settled", run["id"])
    assert (bare["code"], lacks in bare["detail"]) == ("failed_precondition", True)
    assert unknown["detail"] == "There is no run 'nobody'."


async def test_cancelling_a_running_run_asks_its_runner(rig: Rig) -> None:
    run = await rig.start()
    found = await rig.services.store.run("acme", run["id"])
    assert found is not None
    running = found.value.model_copy(update={"status": RunStatus.RUNNING})
    await rig.services.store.commit([Change(before=found, after=running)])

    first = await rig.api.post(f"{RUNS}/{run['id']}:cancel", json={"reason": "stop"})
    second = await rig.api.post(f"{RUNS}/{run['id']}:cancel", json={"reason": "stop again"})

    assert (first.status_code, second.status_code) == (202, 202)
    assert (first.json()["status"], first.json()["cancel_requested"]["reason"]) == ("running", "stop")
    assert second.json()["cancel_requested"] == first.json()["cancel_requested"]


async def test_the_function_retry_repeats_a_run_once_a_key(rig: Rig) -> None:
    run = await rig.execute(await rig.start())
    body = {"project": "acme", "run": run["id"], "model": "large"}

    first = await rig.retry.post("/", json=body, headers={"Idempotency-Key": "again"})
    second = await rig.retry.post("/", json=body, headers={"Idempotency-Key": "again"})

    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json() == first.json()
    assert first.json()["input"]["model"] == "large"
    assert first.json()["retry_of"] == run["id"]
