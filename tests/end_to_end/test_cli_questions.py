"""The commands that answer a question about a running stack, and those that act on many runs at once."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from end_to_end.entered import entered
from end_to_end.running_stack import RunningStack
from waiting import TIMEOUT, result_of


@pytest.mark.slow
def test_what_comes_next_is_listed_with_its_clashes(dev: RunningStack) -> None:
    for name in ("new-year-1", "new-year-2"):
        words = ("--agent", "pulse", "--at", "2099-01-01T09:00:00+01:00")
        dev.tock("triggers", "create", name, *words)

    listed = dev.tock("upcoming", "--until", "36500d", "--per-trigger", "1", "--zone", "Europe/Berlin")
    soon = json.loads(dev.tock("upcoming", "--until", "1h", "--limit", "1", "--json"))

    rows = [line for line in listed.splitlines() if "new-year-" in line]
    assert [("2099-01-01 09:00:00 +0100 (in " in row, "with 1 other" in row, "scheduled" in row) for row in rows] == [
        (True, True, True)
    ] * 2
    assert (len(soon["upcoming"]), soon["more"]) == (1, True)
    more = dev.tock("upcoming", "--until", "1h", "--limit", "1").splitlines()[-1]
    assert (more.startswith("There are more than these 1: tock "), more.endswith("--limit 500")) == (True, True)
    for name in ("new-year-1", "new-year-2"):
        dev.tock("triggers", "disable", name)


@pytest.mark.slow
def test_why_says_one_sentence_about_one_time(dev: RunningStack) -> None:
    settled = result_of(
        lambda: [run for run in dev.get("/runs", trigger="pulse", status="succeeded")["runs"] if run["finished"]]
    )[0]

    ran = dev.tock("why", "pulse", settled["scheduled_for"])
    never = json.loads(dev.tock("why", "pulse", "2099-01-01T00:00:03Z", "--json"))

    assert ran.startswith(f"It ran as run {settled['id']}: started at ")
    assert len(ran.splitlines()) == 1
    assert (never["verdict"], never["run"]) == ("not_due", None)
    assert "TIME: 'soon' is no time." in dev.tock("why", "pulse", "soon", code=2)
    assert "to come" in dev.tock("why", "pulse", "2099-01-01T00:00", "--zone", "Europe/Berlin")


@pytest.mark.slow
def test_the_life_of_a_run_is_drawn(dev: RunningStack) -> None:
    run = json.loads(dev.tock("agents", "run", "pulse", "--wait", "--json"))

    drawn = dev.tock("runs", "timeline", run["id"])

    assert f"run {run['id']} of pulse: succeeded" in drawn
    assert "attempt 1" in drawn
    assert "█" in drawn


@pytest.mark.slow
def test_a_stack_in_order_has_no_problem_and_says_what_was_not_checked(dev: RunningStack) -> None:
    # A stack ticks for the first time when its first minute ends.
    health = dev.api.partition("/projects/")[0] + "/health"
    result_of(lambda: httpx.get(health, timeout=TIMEOUT, trust_env=False).json()["last_success"])

    said = dev.tock("doctor", "--repair")
    found = json.loads(dev.tock("doctor", "--json"))

    states = {line["subject"]: line["state"] for line in found}
    looked_at = ("tick", "key", "triggers", "runs", "clock", "orphans", "queues")
    assert {states[subject] for subject in looked_at} == {"ok"}
    assert {states[subject] for subject in ("scheduler", "indexes", "permissions")} == {"not checked"}
    assert "no run was stuck" in said
    assert "0 problems" in said


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_one_problem(dev: RunningStack) -> None:
    said = dev.tock("doctor", TOCK_SERVER="http://127.0.0.1:9", TOCK_PROJECT="demo", code=1)

    assert said.count("problem ") == 1
    assert "the server does not answer" in said


@pytest.mark.slow
def test_many_runs_are_repeated_once_after_a_look(dev: RunningStack) -> None:
    config = '{"callable": "tock.local.demo.agents:digest"}'
    dev.tock("agents", "create", "typed-many", "--kind", "python", "--config", config)
    for _ in range(3):
        dev.tock("agents", "run", "typed-many", "--payload", '{"repo": "/nowhere"}', "--wait", "--json", code=3)
    words = ("runs", "retry", "--where", "agent=typed-many,since=1h")

    plan = dev.tock(*words, "--plan")
    unsure = dev.tock(*words, code=2)
    done = json.loads(dev.tock(*words, "--yes", "--json"))
    again = dev.tock(*words, "--yes")

    assert "3 runs to retry: 3 failed." in plan
    assert "Retry 3 runs? Nobody can be asked here." in unsure
    assert [each["failed"] for each in done["results"]] == [False] * 3
    assert again.count("Left alone: run ") == 3
    assert "is no condition" in dev.tock("runs", "cancel", "--where", "typed", code=2)
    assert "(did you mean status?)" in dev.tock("runs", "cancel", "--where", "stauts=failed", code=2)
    assert "Give a run's id, or --where" in dev.tock("runs", "cancel", code=2)


@pytest.fixture
def home(tmp_path: Path) -> Mapping[str, str]:
    """A user without profiles, in a folder without a stack."""
    return {"XDG_CONFIG_HOME": str(tmp_path / "configuration")}


@pytest.mark.slow
def test_a_profile_is_stored_used_shown_and_removed(dev: RunningStack, tmp_path: Path, home: Mapping[str, str]) -> None:
    server = dev.api.partition("/v1/")[0]

    def call(*words: str, code: int = 0, **variables: str) -> str:
        done = entered(*words, folder=tmp_path, **home, **variables)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    stored = call("login", "here", TOCK_SERVER=server, TOCK_PROJECT="demo", TOCK_KEY="unused-locally")
    file = tmp_path / "configuration" / "tock" / "profiles.json"
    assert f"Stored as profile here in {file}" in stored
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "pulse" in call("agents", "list")
    me = call("whoami")
    assert (server in me, "(profile here)" in me, "It opens project demo." in me) == (True, True, True)
    assert "unused-locally" not in me + call("profiles", "list")
    refused = call("login", "other", TOCK_SERVER="http://127.0.0.1:9", TOCK_PROJECT="demo", TOCK_KEY="k", code=1)
    assert "Nothing was stored." in refused
    assert "There is no profile 'other'" in call("profiles", "use", "other", code=2)
    assert "There is no profile 'other'" in call("--profile", "other", "agents", "list", code=2)
    assert "Profile here is removed." in call("profiles", "remove", "here")
    assert "No server is known" in call("agents", "list", code=2)
