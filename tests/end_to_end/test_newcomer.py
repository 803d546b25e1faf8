"""The ten mistakes that newcomers make: each is answered with a sentence that says what to do."""

import subprocess
from pathlib import Path

import pytest

from client.scripted import problem, scripted
from end_to_end.entered import entered
from end_to_end.running_stack import RunningStack, tock
from tock.version import VERSION

pytestmark = pytest.mark.slow

MODULE = """
import tock

@tock.agent
async def hello(run):
    return "Hello"

tock.trigger("daily", hello, tock.every("1d"){more})
"""
FILE = """
triggers:
  - {id: daily, agent: hello, schedule: {every: 1d}, timout: 5m}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "agents.py").write_text(MODULE.replace("{more}", ""))
    return tmp_path


def said(done: subprocess.CompletedProcess[str], *, code: int = 1) -> str:
    """What a command printed, in one line."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "tock/cli" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())


def test_1_a_module_that_is_not_on_the_path(dev: RunningStack, folder: Path) -> None:
    start = said(entered("dev", "acme.agnets", folder=folder))
    planned = said(entered("plan", "acme.agents", folder=folder / "acme", **_server(dev)))

    assert "acme.agnets: there is no such module" in start
    assert "did you mean acme.agents?" in start
    assert "there is no such module: name it as Python imports it, from the folder that holds its package" in planned


def test_2_a_misspelt_field_in_code_in_a_file_and_on_the_command_line(dev: RunningStack, folder: Path) -> None:
    (folder / "acme" / "agents.py").write_text(MODULE.replace("{more}", ", timout='5m'"))
    (folder / "tock.yaml").write_text(FILE)

    in_code = said(tock("plan", "acme.agents", folder=folder, **_server(dev)))
    in_a_file = said(tock("plan", "tock.yaml", folder=folder, **_server(dev)))
    as_an_option = said(tock("runs", "list", "--staus", "failed", folder=folder, **_server(dev)), code=2)

    assert f"{folder}/acme/agents.py:8: " in in_code
    assert "unexpected keyword argument 'timout'. Did you mean 'timeout'?" in in_code
    assert "tock.yaml:3: trigger daily: timout '5m': is not known here: did you mean timeout?" in in_a_file
    assert "--status" in as_an_option


def test_3_a_wrong_time_zone(dev: RunningStack) -> None:
    berlin = ("--cron", "0 9 * * *", "--time-zone", "Berlin")

    answer = said(tock("triggers", "create", "daily", "--agent", "pulse", *berlin, folder=dev.folder))

    assert "'Berlin' is not known: did you mean 'Europe/Berlin'?" in answer


def test_4_an_agent_that_raises(dev: RunningStack) -> None:
    ran = said(tock("triggers", "run", "raising", "--wait", folder=dev.folder), code=3)

    assert "KeyError: 'tea'" in ran
    assert 'newcomers.py", line 12, in raises return prices[run.message]' in ran


def test_5_a_result_that_is_no_json(dev: RunningStack) -> None:
    ran = said(tock("agents", "run", "no-json", "--wait", folder=dev.folder), code=3)

    assert (
        "result_not_json: The result is not JSON: result.at is of type datetime, not JSON: give its isoformat()" in ran
    )


def test_6_json_without_its_quotes(dev: RunningStack) -> None:
    words = ("agents", "run", "raises", "--payload")

    taken_away = said(entered(*words, "{repo: acme}", folder=dev.folder), code=2)
    split = said(entered(*words, "{repo:", "acme}", folder=dev.folder), code=2)

    assert "--payload: not JSON" in taken_away
    assert """Put single quotes around the object, '{"repo": "."}'""" in taken_away
    assert "Put single quotes around the object" in split


def test_7_no_stack(folder: Path) -> None:
    asked = said(tock("runs", "list", folder=folder), code=2)

    assert (
        "No server is known. Start a local one with `tock dev`, give its URL (--server URL or TOCK_SERVER=URL)" in asked
    )


def test_8_two_stacks(dev: RunningStack) -> None:
    second = said(tock("dev", folder=dev.folder))

    assert "A stack already uses" in second
    assert f"as process {dev.process.pid}. Work with it" in second
    assert "or stop it (Ctrl-C in its terminal)" in second


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("triggers", "show", "puls"), "Error: There is no trigger 'puls'. Did you mean pulse?"),
        (("agents", "run", "puls"), "Error: There is no agent 'puls'. Did you mean pulse?"),
        (("runs", "show", "zzz"), "Error: There is no run 'zzz'."),
        (("--project", "dmeo", "runs", "list"), "Error: There is no project 'dmeo'. Did you mean demo?"),
    ],
    ids=["a trigger", "an agent", "a run", "a project"],
)
def test_9_an_unknown_id(dev: RunningStack, words: tuple[str, ...], answer: str) -> None:
    assert said(entered(*words, folder=dev.folder)) == answer


def test_10_a_wheel_that_is_older_than_the_server(tmp_path: Path) -> None:
    newer = {"Tock-Version": "7.1"}
    with scripted([problem(404, "no_route", **newer)]) as server:
        asked = said(tock("--server", server.url, "--project", "demo", "runs", "list", folder=tmp_path))

    assert f"The server is tock 7.1, this client is tock {VERSION}: install `tock==7.1` here" in asked


def _server(dev: RunningStack) -> dict[str, str]:
    return {"TOCK_SERVER": dev.api.partition("/v1/")[0], "TOCK_PROJECT": "demo"}
