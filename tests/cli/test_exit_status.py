"""Exit statuses tell how a run ended."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.scripted import Scripted, problem, scripted
from tock.cli.exit_status import ExitStatus, exit_status_of
from tock.cli.main import main
from tock.core.run.status import RunStatus

DOCS = Path(__file__).parents[2] / "docs" / "guides" / "command-line.md"


def test_each_end_of_a_run_has_a_status_of_its_own() -> None:
    ends = {status: exit_status_of(status) for status in RunStatus if status.terminal}

    assert len(set(ends.values())) == len(ends)
    assert {status for status, code in ends.items() if code is ExitStatus.DONE} == {RunStatus.SUCCEEDED}
    assert ExitStatus.FAILED not in ends.values()
    assert {exit_status_of(status) for status in RunStatus if not status.terminal} == {ExitStatus.STILL_ACTIVE}


def test_the_table_of_the_docs_has_each_status() -> None:
    written = {int(code) for code in re.findall(r"^\| (\d+) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)}

    assert written == set(ExitStatus)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted([problem(400, "invalid_argument")]) as server:
        yield server


def status(*words: str, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "argv", ["tock", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.parametrize(
    "words",
    [
        "triggers create t --agent a",
        "triggers create t --agent a --every soon",
        "triggers preview t --every 1h",
        "triggers delete t",
        "runs list --since soon",
        "runs list --zone Mars",
        "runs list --json --csv",
        "runs list --sort size",
        "runs cancel --where x --plan",
        "runs cancel --plan",
        "runs retry r --where since=2h",
        "agents run a --timeout soon",
        "agents run a --payload {x",
        "agents edit a",
        "upcoming --until 2027-02-30",
        "why t soon",
        "cost --runs-per-month 0",
        "runs list --profile nobody",
    ],
)
def test_a_wrong_call_has_its_own_status_and_sends_no_request(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    given = [] if "--profile" in words else ["--server", server.url, "--project", "p"]

    code = status(*given, *words.split(), monkeypatch=monkeypatch)

    assert (code, server.requests) == (ExitStatus.USAGE, []), capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"),
    [("runs list", ExitStatus.FAILED), ("--server http://127.0.0.1:9 runs list", ExitStatus.FAILED)],
)
def test_what_a_server_refuses_or_does_not_answer_is_a_failure(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, words: str, code: ExitStatus
) -> None:
    assert status("--server", server.url, "--project", "p", *words.split(), monkeypatch=monkeypatch) == code


def test_without_a_server_nothing_can_be_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("TOCK_SERVER", "TOCK_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    assert status("runs", "list", monkeypatch=monkeypatch) == ExitStatus.USAGE
