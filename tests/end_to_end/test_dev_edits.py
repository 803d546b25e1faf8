"""`tock dev MODULE`: what the module defines is applied, and edits are taken up by the next run."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from end_to_end.entered import entered
from end_to_end.running_stack import RunningStack, running_dev
from tock.bootstrap.system_clock import SystemClock
from tock.executors.http.signature import signature
from tock.local.tcp_ports import unused_port
from waiting import TIMEOUT, result_of

WORDS = "text = 'old'\n"
AGENTS = """
import tock
from shop.words import text


@tock.agent
async def greet(run: tock.RunContext) -> str:
    print("greeting")
    print("of two lines")
    return text


@tock.agent(isolation="process")
async def alone(run: tock.RunContext) -> str:
    return text


@tock.agent
def plain(run: tock.SyncRunContext) -> str:
    return text


@tock.agent
async def slow(run: tock.RunContext) -> str:
    run.emit("begun", text)
    await run.messages()
    return text


tock.trigger("daily", greet, tock.cron("0 9 * * *", "Europe/Berlin"))
tock.trigger("often", greet, tock.every("15m"))
"""
FILE = "agents: [{id: hook, kind: http, config: {url: 'https://agents.example/'}}]\n"
AGENT_NAMES = ("greet", "alone", "plain")


def _ran(dev: RunningStack, agent: str) -> object:
    return json.loads(dev.tock("agents", "run", agent, "--wait", "--json"))["result"]


def _says(dev: RunningStack, *words: str) -> None:
    result_of(lambda: all(word in dev.output for word in words))


@pytest.mark.slow
def test_what_is_defined_is_applied_and_edits_are_taken_up(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "words.py").write_text(WORDS)
    (tmp_path / "shop" / "agents.py").write_text(AGENTS)
    (tmp_path / "tock.yaml").write_text(FILE)

    with running_dev(tmp_path, "shop.agents", "tock.yaml") as dev:
        assert "agent hook created" in dev.output
        assert "  Next     in another terminal here: tock agents run greet --wait" in dev.output
        assert re.search(r"trigger daily created; next \d{4}-\d\d-\d\dT09:00:00\+0[12]:00", dev.output)
        assert [_ran(dev, name) for name in AGENT_NAMES] == ["old"] * 3
        run = dev.post("/agents/slow:run").json()["id"]
        result_of(lambda: [each for each in dev.get(f"/runs/{run}/events")["events"] if each["kind"] == "begun"])

        (tmp_path / "shop" / "words.py").write_text(WORDS.replace("old", "new"))
        assert [_ran(dev, name) for name in AGENT_NAMES] == ["new"] * 3
        _says(dev, "reloaded shop.words\n")
        dev.post(f"/runs/{run}:steer", {"message": "go on"})
        assert dev.settled(run)["result"] == "old"

        edited = AGENTS.replace("0 9 * * *", "30 9 * * *").replace('tock.trigger("often"', 'tock.trigger("seldom"')
        (tmp_path / "shop" / "agents.py").write_text(edited)
        _says(dev, "reloaded shop.agents (3 triggers changed)", "trigger often deleted: no longer defined")
        assert re.search(r"trigger daily changed: schedule.cron; next \d{4}-\d\d-\d\dT09:30:00", dev.output)
        assert {each["id"] for each in dev.get("/triggers")["triggers"]} == {"daily", "seldom"}

        (tmp_path / "shop" / "agents.py").write_text(f"{edited}\n1 / 0\n")
        _says(dev, "not reloaded shop.agents: mend this and save", "| ZeroDivisionError: division by zero\n")
        (tmp_path / "shop" / "agents.py").write_text(edited.replace("Europe/Berlin", "Europe/Berlim"))
        _says(dev, "trigger daily: schedule.time_zone 'Europe/Berlim'")
        (tmp_path / "tock.yaml").write_text("agents: []\n")
        (tmp_path / "shop" / "agents.py").write_text(edited)
        _says(dev, "agent hook deleted: no longer defined")

        assert _ran(dev, "greet") == "new"
        assert dev.stop() == 0
        said = dev.output

    assert "Traceback (most recent call last):\n" in said
    assert re.search(r"^\d\d:\d\d:\d\d greet [0-9a-f]{8} \| greeting$", said, re.MULTILINE)
    assert re.search(r"^\d\d:\d\d:\d\d greet [0-9a-f]{8} \| succeeded$", said, re.MULTILINE)
    assert "Tock answers at" not in said
    assert "INFO Tock answers at" in (tmp_path / ".tock" / "log.txt").read_text()


@pytest.mark.slow
def test_a_second_start_changes_nothing_and_names_the_next_fire_times(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text("import tock\n\n\n@tock.agent\nasync def go(run): ...\n")
    (tmp_path / "tock.yaml").write_text("triggers: [{id: daily, agent: go, schedule: {cron: 0 9 * * *}}]")
    for _ in range(2):
        with running_dev(tmp_path, "work", "tock.yaml", "--verbose") as dev:
            said = dev.output

    assert "trigger daily is as before: next " in said
    assert "created" not in said.replace("queue_created", "")
    assert "INFO Tock answers at " in said


def test_the_path_of_a_module_is_answered_with_its_name(tmp_path: Path) -> None:
    done = entered("dev", "acme/agents.py", folder=tmp_path)

    assert done.returncode == 1
    assert "acme/agents.py: name a module as Python imports it, such as acme.agents" in done.stderr


def test_listen_shows_what_is_right_and_what_is_not_and_no_secret(tmp_path: Path) -> None:
    secret, token = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", f"tock-run.demo/{'a' * 24}/{'b' * 43}"
    port, body = unused_port(), json.dumps({"message": "three little words", "callback": {"token": token}})
    at = SystemClock().now()
    signed = {
        "webhook-id": "m1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature(secret, message_id="m1", at=at, body=body),
    }
    listening = subprocess.Popen(
        [sys.executable, "-m", "tock.cli.main", "listen", "--port", str(port), "--secret", "demo/REPORT"],
        cwd=tmp_path,
        env={"TOCK_SECRETS": json.dumps({"demo/REPORT": secret}), "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def send(headers: dict[str, str]) -> int | None:
        try:
            return httpx.post(
                f"http://127.0.0.1:{port}/", content=body, headers=headers, timeout=TIMEOUT, trust_env=False
            ).status_code
        except httpx.ConnectError:
            return None

    try:
        statuses = [result_of(lambda: send(signed)), send({})]
        listening.send_signal(signal.SIGINT)
        said, _ = listening.communicate(timeout=TIMEOUT)
    finally:
        listening.kill()
        listening.wait(TIMEOUT)

    assert statuses == [200, 401]
    assert listening.returncode == 0
    assert f"""--config '{{"url": "http://localhost:{port}/", "secret": "demo/REPORT"}}'""" in said
    assert f"verified  POST /, {len(body)} bytes" in said
    assert "unsigned: it has no header webhook-signature  POST /" in said
    assert '"message": "three little words"' in said
    assert "Traceback" not in said
    assert token not in said
    assert secret not in said


@pytest.mark.slow
def test_what_listen_is_given_wrong_is_a_sentence_without_the_secret(tmp_path: Path) -> None:
    wrong = {
        ("--secret", "bm90IGEgc2VjcmV0/c2VjcmV0"): "TOCK_SECRETS has no secret of this name",
        ("--secret", "not base64"): "it is no signing secret: write 'whsec_' followed by base64",
        ("--forward", "localhost:3000"): "is not a URL such as http://localhost:3000/agent",
        ("--answer", "{done"): "--answer: not JSON",
    }

    for arguments, words in wrong.items():
        done = entered("listen", *arguments, folder=tmp_path)

        assert done.returncode == 2
        assert words in done.stderr
        assert "c2VjcmV0" not in done.stderr
