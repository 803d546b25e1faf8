"""The five functions as processes: a run from its fire time to its settlement, over HTTP only."""

import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx

from end_to_end.running_stack import RunningStack
from tock.bootstrap.system_clock import SystemClock
from waiting import TIMEOUT, result_of


def test_a_scheduled_run_goes_from_its_fire_time_to_settled(dev: RunningStack) -> None:
    fire_time = (SystemClock().now() + timedelta(seconds=5)).replace(microsecond=0)
    body = {"id": "once", "agent": "pulse", "schedule": {"at": fire_time.isoformat()}}

    created = dev.post("/triggers", body)

    assert created.status_code == 201, created.text
    [queued] = result_of(lambda: dev.get("/runs", trigger="once")["runs"])
    run = dev.settled(queued["id"])
    assert (run["status"], run["source"], len(run["attempts"])) == ("succeeded", "schedule", 1)
    assert datetime.fromisoformat(run["scheduled_for"]) == fire_time
    assert datetime.fromisoformat(run["started"]) >= fire_time
    assert run["result"] == {"fire_time": fire_time.isoformat()}
    assert dev.get("/triggers/once")["paused"]["reason"] == "exhausted"


def test_an_agent_behind_http_answers_a_signed_request(dev: RunningStack) -> None:
    answer = dev.post("/agents/reviewer:run", {"input": {"message": "three little words"}})

    run = dev.settled(answer.json()["id"])
    assert run["status"] == "succeeded"
    assert run["result"]["words"] == 3


def test_a_failed_attempt_is_retried_until_it_works(dev: RunningStack) -> None:
    answer = dev.post("/agents/flaky:run", {"retry": {"max_retries": 2, "delay": "1s"}})

    run = dev.settled(answer.json()["id"])
    assert run["status"] == "succeeded"
    assert [attempt["status"] for attempt in run["attempts"]] == ["failed", "failed", "succeeded"]


def test_a_running_agent_is_stopped_by_a_cancellation(dev: RunningStack) -> None:
    run = dev.post("/agents/long-job:run", {"input": {"payload": {"steps": 60}}}).json()["id"]
    result_of(lambda: [each for each in dev.get(f"/runs/{run}/events")["events"] if each["kind"] == "step"])

    answer = dev.post(f"/runs/{run}:cancel", {"reason": "changed my mind"})

    assert answer.status_code == 202
    cancelled = dev.settled(run)
    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "changed my mind")
    assert dev.post(f"/runs/{run}:cancel", {}).json()["previous_status"] == "cancelled"


def test_a_timeout_stops_a_blocking_agent(dev: RunningStack) -> None:
    body = {"input": {"payload": {"steps": 60}}, "timeout": "2s", "retry": {"max_retries": 0}}

    run = dev.settled(dev.post("/agents/long-job:run", body).json()["id"])

    assert (run["status"], run["error"]["type"]) == ("timed_out", "timed_out")
    assert run["duration_seconds"] < 60  # as long as its steps would take


def test_tick_and_run_refuse_everybody_but_the_service_identity(dev: RunningStack) -> None:
    ports = json.loads((dev.folder / ".tock" / "ports.json").read_text())
    urls = {name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}

    for function in ("tick", "run"):
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic x"}):
            refused = httpx.post(urls[function], json={}, headers=headers, timeout=TIMEOUT, trust_env=False)
            assert refused.status_code == 401, (function, headers)
            assert refused.headers["content-type"] == "application/problem+json"


def test_the_ticker_ticks_and_health_says_so(dev: RunningStack) -> None:
    root = dev.api.split("/v1/")[0]

    def ticked() -> Any:
        answer = httpx.get(f"{root}/v1/health", timeout=TIMEOUT, trust_env=False)
        return answer.json() if answer.status_code == 200 else None

    health = result_of(ticked, after=60)
    assert health["status"] == "ok"


def test_the_pulse_is_started_at_its_seconds_and_never_twice(dev: RunningStack) -> None:
    def six() -> Any:
        runs = dev.get("/runs", trigger="pulse", page_size=100)["runs"]
        settled = [run for run in runs if run["finished"]]
        return settled if len(settled) >= 6 else None

    runs = result_of(six, after=70)
    times = [datetime.fromisoformat(run["scheduled_for"]) for run in runs]
    assert len(set(times)) == len(times)
    assert all(time.second % 10 == 0 for time in times)
    gaps = {later - earlier for later, earlier in pairwise(times)}
    assert gaps == {timedelta(seconds=10)}


def test_everything_is_kept_in_the_data_folder(dev: RunningStack) -> None:
    assert (dev.folder / ".tock").is_dir()
    of_the_test = {"output.txt", "newcomers.py", "__pycache__"}  # the last is where Python keeps what it compiled
    assert {path.name for path in Path(dev.folder).iterdir()} - of_the_test == {".tock"}
