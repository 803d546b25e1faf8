"""Runs over HTTP: start, retry, cancel, list, follow."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from google.cloud.tasks_v2 import CloudTasksAsyncClient

from tock.core.ids.derived import task_id
from tock.core.run.status import RunStatus
from tock.ports.store import Change
from web.conftest import LOCATION
from web.rig import BROKEN, Rig, created, ok, problem

pytestmark = pytest.mark.anyio
RUNS = "/v1/projects/acme/runs"


async def test_run_now_starts_a_run_and_leaves_the_schedule_alone(
    rig: Rig, cloud_tasks: CloudTasksAsyncClient, google_project: str
) -> None:
    before = await rig.make_trigger(input={"message": "About {{repo}}", "payload": {"repo": "tock"}, "model": "small"})

    answer = await rig.api.post("/v1/projects/acme/triggers/morning:run", json={"input": {"payload": {"repo": "cron"}}})

    assert answer.status_code == 202
    run = answer.json()
    assert answer.headers["Location"] == f"{RUNS}/{run['id']}"
    assert ok(await rig.api.get(answer.headers["Location"])) == run
    assert run == {
        "project": "acme",
        "id": run["id"],
        "agent": "digest",
        "trigger": "morning",
        "source": "manual",
        "status": "queued",
        "reason": None,
        "scheduled_for": run["scheduled_for"],
        "due_at": run["scheduled_for"],
        "input": {
            "message": "About cron",
            "payload": {"repo": "cron"},
            "model": "small",
            "ref": None,
            "time_zone": "Europe/Berlin",
        },
        "retry": {"max_retries": 2, "delay": "PT1M", "give_up_at_next": False},
        "timeout": "PT5M",
        "overlap": "parallel",
        "catch_up": {"mode": "latest", "window": "PT1H"},
        "start_deadline": None,
        "evidence": None,
        "progress_every": None,
        "late": False,
        "attempt": 1,
        "attempts": [],
        "failures": 0,
        "lost": 0,
        "started": None,
        "finished": None,
        "lateness_seconds": None,
        "duration_seconds": None,
        "result": None,
        "error": None,
        "usage": {"input_tokens": 0, "output_tokens": 0, "cost": 0.0, "model": None, "unpriced_tokens": 0},
        "workspace": None,
        "signals": 0,
        "signals_taken": 0,
        "events_sent": 0,
        "answer": None,
        "session": None,
        "warnings": [],
        "missed": None,
        "cancel_requested": None,
        "previous": None,
        "blocked_by": None,
        "in_line": None,
        "followed_by": None,
        "holds": [],
        "subject": "trigger:morning",
        "follow_up": None,
        "retry_of": None,
        "retried_by": [],
        "resumed_from": None,
        "resumed_by": None,
        "root": run["id"],
        "created": {"at": run["scheduled_for"], "by": "deployment-key"},
        "expire_at": None,
    }
    task = task_id(project="acme", run=run["id"], attempt=1, dispatch=1)
    queue = f"projects/{google_project}/locations/{LOCATION}/queues/runs"
    assert (await cloud_tasks.get_task(name=f"{queue}/tasks/{task}")).http_request.url == "https://run.tock.test/"
    assert ok(await rig.api.get("/v1/projects/acme/triggers/morning")) == before


async def test_null_in_the_input_gives_nothing_and_absence_gives_what_the_trigger_says(rig: Rig) -> None:
    await rig.make_trigger(input={"message": "Hello", "payload": {"a": 1}, "model": "small", "ref": "main"})

    run = await rig.start(
        "triggers/morning", input={"message": None, "model": "large"}, timeout="90s", retry={"max_retries": 0}
    )

    given = run["input"]
    assert (given["message"], given["payload"], given["model"], given["ref"]) == (None, {"a": 1}, "large", "main")
    assert (run["timeout"], run["retry"]) == ("PT1M30S", {"max_retries": 0, "delay": "PT1M", "give_up_at_next": False})


async def test_a_disabled_trigger_runs_on_request(rig: Rig) -> None:
    await rig.make_trigger(enabled=False)

    run = await rig.start("triggers/morning")

    assert run["status"] == "queued"
    assert ok(await rig.api.get("/v1/projects/acme/triggers/morning"))["next_run_at"] is None


async def test_a_second_run_of_a_subject_is_refused_with_the_first(rig: Rig) -> None:
    await rig.make_trigger()
    first = await rig.start("triggers/morning")
    other = await rig.start(subject="ticket-7")

    again = await rig.api.post("/v1/projects/acme/triggers/morning:run")
    same = await rig.api.post("/v1/projects/acme/agents/digest:run", json={"subject": "ticket-7"})
    await rig.start(subject="ticket-8")

    assert problem(again, 409) | {"detail": ""} == {
        "type": "urn:tock:problem:active-run",
        "title": "The subject has an active run",
        "status": 409,
        "detail": "",
        "instance": "/v1/projects/acme/triggers/morning:run",
        "code": "active_run",
        "transient": False,
        "errors": [],
        "active_run": first["id"],
    }
    assert problem(same, 409)["active_run"] == other["id"]


async def test_twenty_requests_at_once_start_one_run(rig: Rig) -> None:
    await rig.make_trigger()

    answers = await asyncio.gather(*(rig.api.post("/v1/projects/acme/triggers/morning:run") for _ in range(20)))

    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: 19}
    (run,) = (answer.json()["id"] for answer in answers if answer.status_code == 202)
    assert {answer.json()["active_run"] for answer in answers if answer.status_code == 409} == {run}
    assert [listed["id"] for listed in ok(await rig.api.get(RUNS))["runs"]] == [run]


async def test_twenty_requests_at_once_with_one_key_are_one_run_for_all(rig: Rig) -> None:
    await rig.make_trigger()
    headers = {"Idempotency-Key": "click-1"}

    answers = await asyncio.gather(
        *(rig.api.post("/v1/projects/acme/triggers/morning:run", headers=headers) for _ in range(20))
    )

    assert Counter(answer.status_code for answer in answers) == {202: 1, 200: 19}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(ok(await rig.api.get(RUNS))["runs"]) == 1


async def test_a_key_of_another_request_is_refused(rig: Rig) -> None:
    headers = {"Idempotency-Key": "click-1"}
    first = await rig.api.post("/v1/projects/acme/agents/digest:run", json={"subject": "a"}, headers=headers)

    other = await rig.api.post("/v1/projects/acme/agents/digest:run", json={"subject": "b"}, headers=headers)

    answer = problem(other, 409)
    assert (answer["code"], answer["run"]) == ("key_reused", first.json()["id"])


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


async def test_runs_are_found_by_each_filter(rig: Rig) -> None:
    await rig.make_trigger()
    done = await rig.execute(await rig.start("triggers/morning"))
    retried = (await rig.api.post(f"{RUNS}/{done['id']}:retry")).json()
    alone = await rig.start(subject="the minutes")

    async def found(**filters: str) -> list[str]:
        return [run["id"] for run in ok(await rig.api.get(RUNS, params=filters))["runs"]]

    assert await found() == [alone["id"], retried["id"], done["id"]]
    assert await found(status="succeeded") == [done["id"]]
    assert await found(trigger="morning") == [retried["id"], done["id"]]
    assert await found(trigger="morning", status="queued") == [retried["id"]]
    both = await found(status=["succeeded", "queued"])
    assert sorted(both) == sorted({*await found(status="succeeded"), *await found(status="queued")})
    assert await found(status=["succeeded", "succeeded", "failed"]) == [done["id"]]
    assert await found(agent="digest", source="retry") == [retried["id"]]
    assert await found(agent="other") == []
    assert await found(subject="trigger:morning") == [retried["id"], done["id"]]
    assert await found(subject="trigger:morning", status="queued") == [retried["id"]]
    assert await found(subject=" the minutes ") == [alone["id"]]
    assert await found(since=alone["scheduled_for"]) == [alone["id"]]
    assert await found(until=retried["scheduled_for"]) == [done["id"]]
    assert await found(since=retried["scheduled_for"].replace("Z", "+00:00"), source="manual") == [alone["id"]]


async def test_runs_are_sorted_and_found_by_the_beginning_of_their_id(rig: Rig) -> None:
    await rig.make_trigger()
    runs = [await rig.execute(await rig.start("triggers/morning")) for _ in range(2)]
    waiting = await rig.start()

    async def found(**query: str) -> list[str]:
        return [run["id"] for run in ok(await rig.api.get(RUNS, params=query))["runs"]]

    by_duration = sorted(runs, key=lambda run: (run["duration_seconds"], run["id"]), reverse=True)
    assert await found(sort="duration") == [run["id"] for run in by_duration]
    assert await found(sort="started", trigger="morning") == [run["id"] for run in reversed(runs)]
    assert set(await found(sort="cost")) == {waiting["id"], *(run["id"] for run in runs)}
    assert await found(sort="scheduled_for") == await found()
    first = ok(await rig.api.get(RUNS, params={"sort": "started", "page_size": "1"}))
    assert await found(sort="started", page_token=first["next_page_token"]) == [runs[0]["id"]]
    assert await found(id_prefix=waiting["id"][:20]) == [waiting["id"]]
    assert await found(id_prefix=waiting["id"]) == [waiting["id"]]
    assert await found(id_prefix="nothing") == []


async def test_whoever_asks_for_the_total_gets_it_on_each_page(rig: Rig) -> None:
    runs = [await rig.start() for _ in range(3)]
    await rig.execute(runs[0])

    async def asked(**query: str) -> dict[str, Any]:
        return ok(await rig.api.get(RUNS, params=query))

    first = await asked(total="true", page_size="2")
    second = await asked(total="true", page_size="2", page_token=first["next_page_token"])

    assert first["total"] == second["total"] == {"count": 3, "exact": True}
    assert (len(first["runs"]), len(second["runs"])) == (2, 1)
    assert (await asked(total="true", status="succeeded", page_size="1"))["total"] == {"count": 1, "exact": True}
    assert (await asked(total="true", sort="started"))["total"] == {"count": 1, "exact": True}
    assert (await asked(total="true", id_prefix=runs[0]["id"]))["total"] == {"count": 1, "exact": True}
    assert (await asked())["total"] is None
    assert (await asked(sort="started", total="false"))["total"] is None


async def test_the_function_trigger_runs_a_trigger_or_an_agent(rig: Rig) -> None:
    await rig.make_trigger()

    by_trigger = await rig.trigger.post("/", json={"project": "acme", "trigger": "morning", "input": {"model": "m"}})
    by_agent = await rig.trigger.post("/", json={"project": "acme", "agent": "digest", "subject": "s"})
    second = await rig.trigger.post("/", json={"project": "acme", "agent": "digest", "subject": "s"})

    assert (by_trigger.status_code, by_agent.status_code) == (202, 202)
    assert by_trigger.headers["Location"] == f"{RUNS}/{by_trigger.json()['id']}"
    assert by_trigger.json() == ok(await rig.api.get(by_trigger.headers["Location"]))
    assert by_trigger.json()["input"]["model"] == "m"
    assert problem(second, 409)["active_run"] == by_agent.json()["id"]


async def test_the_function_retry_repeats_a_run_once_a_key(rig: Rig) -> None:
    run = await rig.execute(await rig.start())
    body = {"project": "acme", "run": run["id"], "model": "large"}

    first = await rig.retry.post("/", json=body, headers={"Idempotency-Key": "again"})
    second = await rig.retry.post("/", json=body, headers={"Idempotency-Key": "again"})

    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json() == first.json()
    assert first.json()["input"]["model"] == "large"
    assert first.json()["retry_of"] == run["id"]
