"""Runs that are started over HTTP: by request, once a key, and one at a time of a subject."""

import asyncio
from collections import Counter

import pytest
from google.cloud.tasks_v2 import CloudTasksAsyncClient

from tock.core.ids.derived import task_id
from web.conftest import LOCATION
from web.rig import Rig, ok, problem

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
