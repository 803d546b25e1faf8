"""How a command starts, speaks and ends."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from documentation.pages import codes
from executors.command.deployment import Remote, executor, python, shell
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded, Usage
from tock.ports.executor import Ability, GivenAnswer, RunContext
from tock.ports.host import Previous, PreviousFailure
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio
CONFIG = {"command": "work"}


async def test_json_lines_are_events_usage_and_the_result_and_other_lines_are_the_log(
    tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    said = [
        {"event": "progress", "data": {"read": 12}},
        {"usage": {"input_tokens": 10, "output_tokens": 2, "cached": 4}},
        {"usage": {"input_tokens": 1, "model": "claude"}},
        {"result": "a first one"},
        {"type": "tool_use", "name": "edit"},
        {"result": {"files": 2}},
    ]
    printed = "\n".join(["Begin", *map(json.dumps, said), '{"neither": "word"}', "{broken", "End"])
    code = f"import sys; print({printed!r}, end=''); print('oops', file=sys.stderr)"

    outcome = await executor(tmp_path, python(code)).execute(CONFIG, context)

    assert outcome == Succeeded({"files": 2})
    assert recorder.events == [("progress", {"read": 12}), ("tool_use", {"type": "tool_use", "name": "edit"})]
    assert recorder.used == [Usage(10, 2), Usage(1, 0, model="claude")]
    assert [line for line in recorder.logged if line[0] == "info"] == [
        ("info", "Begin"),
        ("info", '{"neither": "word"}'),
        ("info", "{broken"),
        ("info", "End"),
    ]
    assert ("error", "oops") in recorder.logged


@pytest.mark.parametrize("asks", [True, False])
async def test_a_program_that_asks_for_it_is_told_how_earlier_runs_ended(
    tmp_path: Path, context: RunContext, recorder: Recorder, *, asks: bool
) -> None:
    recorder.before = Previous({"seen": 5}, PreviousFailure("broke", "It broke.", retryable=True))
    code = (
        "import json, sys; print(json.dumps({'result': json.loads(sys.stdin.readline()).get('previous', 'nothing')}))"
    )

    outcome = await executor(tmp_path, python(code)).execute({**CONFIG, "previous": asks}, context)

    told = {"result": {"seen": 5}, "failure": {"type": "broke", "message": "It broke.", "retryable": True}}
    assert outcome == Succeeded(told if asks else "nothing")


async def test_the_run_is_the_first_line_of_stdin_and_in_variables(
    tmp_path: Path, context_with: Callable[..., RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCK_ADMIN_KEY_HASH", "0" * 64)
    monkeypatch.setenv("TOCK_LOCATION", "here")
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("OF_THE_FUNCTION", "yes")
    code = (
        "import json, os, sys;"
        "own = {name: os.environ[name] for name in os.environ if name.startswith(('TOCK_', 'GIT_DIR', 'OF_', 'KEY'))};"
        "print(json.dumps({'result': {'run': json.loads(sys.stdin.readline()), 'variables': own}}))"
    )
    answer = GivenAnswer(approved=True, note="go", by="ada", at=datetime(2027, 3, 28, tzinfo=UTC))
    context = context_with(state={"step": 2}, answer=answer, resumed_from="run-0", model="m")
    command = executor(
        tmp_path,
        python(code),
        environment={"OF_ENTRY": "text", "KEY": {"secret": "acme/model"}},
        secrets={"acme/model": "sk-12345678"},
    )

    outcome = await command.execute(CONFIG, context)

    assert isinstance(outcome, Succeeded)
    run = outcome.result["run"]
    assert (run["run"], run["attempt"], run["input"]) == ("run-1", 2, {"repo": "tock", "größe": [1, 2.5, None]})
    assert (run["message"], run["trigger"], run["source"]) == ("Digest of tock", "morning-digest", "schedule")
    assert (run["scheduled_for"], run["time_zone"]) == ("2027-03-28T01:00:00.250000Z", "Europe/Berlin")
    assert (run["state"], run["resumed_from"]) == ({"step": 2}, "run-0")
    assert run["answer"] == {
        "approved": True,
        "note": "go",
        "by": "ada",
        "at": "2027-03-28T00:00:00+00:00",
        "value": None,
        "failed_since": False,
    }
    assert outcome.result["variables"] == {
        "TOCK_PROJECT": "acme",
        "TOCK_RUN": "run-1",
        "TOCK_ATTEMPT": "2",
        "TOCK_TRIGGER": "morning-digest",
        "TOCK_AGENT": "digest",
        "TOCK_SOURCE": "schedule",
        "TOCK_MESSAGE": "Digest of tock",
        "TOCK_INPUT": '{"repo": "tock", "größe": [1, 2.5, null]}',
        "TOCK_MODEL": "m",
        "TOCK_REF": "main",
        "TOCK_SCHEDULED_FOR": "2027-03-28T01:00:00.250000Z",
        "TOCK_TIME_ZONE": "Europe/Berlin",
        "TOCK_DEADLINE": "2027-03-28T01:05:00Z",
        "OF_ENTRY": "text",
        "KEY": "sk-12345678",
        "OF_THE_FUNCTION": "yes",
    }


async def test_a_python_program_of_the_archive_runs_as_the_page_says_and_none_of_the_workspace_in_its_place(
    tmp_path: Path, context: RunContext
) -> None:
    [entry] = [text for text in codes("docs/agents/command.md", "json") if "acme.coder" in text]
    archive, remote = tmp_path / "archive", Remote(tmp_path / "there")
    remote.commit({"acme/coder.py": """print('{"result": "of the workspace"}')"""})
    (archive / "acme").mkdir(parents=True)
    (archive / "acme" / "coder.py").write_text("""print('{"result": "of the archive"}')""")
    coder = json.loads(entry.replace("/workspace", str(archive)))["coder"]

    command = executor(tmp_path, coder["argv"], url=remote.url, environment=coder["environment"])
    outcome = await command.execute({**CONFIG, "repository": "shop"}, context)

    assert outcome == Succeeded("of the archive")


async def test_another_exit_status_fails_with_the_last_lines_of_stderr_masked(
    tmp_path: Path, context: RunContext
) -> None:
    code = shell("for i in $(seq 1 30); do echo line $i >&2; done; echo key sk-12345678 >&2; exit 3")

    outcome = await executor(tmp_path, code, secrets={"acme/model": "sk-12345678"}).execute(CONFIG, context)

    lines = "\n".join([*(f"line {number}" for number in range(12, 31)), "key ***"])
    message = f"The command ended with exit_code 3. The last lines of its stderr:\n{lines}"
    assert outcome == Failed("command_failed", message, retryable=True)


async def test_a_killed_command_fails(tmp_path: Path, context: RunContext) -> None:
    outcome = await executor(tmp_path, shell("kill -9 $$")).execute(CONFIG, context)

    assert isinstance(outcome, Failed)
    assert outcome.message.startswith("The command was killed by SIGKILL")


async def test_a_result_does_not_make_a_success_of_another_exit_status(tmp_path: Path, context: RunContext) -> None:
    outcome = await executor(tmp_path, shell("""echo '{"result": 1}'; exit 1""")).execute(CONFIG, context)

    assert isinstance(outcome, Failed)


@pytest.mark.parametrize("said", ['{"wait": {"for": "tea"}}', '{"wait": 5}', '{"usage": 5}'])
async def test_a_word_that_cannot_be_read_is_a_warning(
    said: str, tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    outcome = await executor(tmp_path, python(f"print({said!r}); print('{{\"result\": 1}}')")).execute(CONFIG, context)

    assert outcome == Succeeded(1)
    [(kind, data)] = recorder.notices
    assert (kind, "cannot be read: write" in data["text"]) == ("run.warning", True)


async def test_arguments_are_data_and_no_shell_reads_them(tmp_path: Path, context: RunContext) -> None:
    code = "import json, sys; print(json.dumps({'result': sys.argv[1:]}))"
    given = ["$(touch owned)", "; rm -rf *", "ünïcode"]

    outcome = await executor(tmp_path, python(code), arguments=3).execute({**CONFIG, "arguments": given}, context)

    assert outcome == Succeeded(given)


async def test_signals_that_python_ignores_have_their_usual_effect(tmp_path: Path, context: RunContext) -> None:
    code = shell("""yes | head -1 > /dev/null; echo "{\\"result\\": \\"$(yes | head -1)\\"}" """)

    async with asyncio.timeout(TIMEOUT):
        assert await executor(tmp_path, code).execute(CONFIG, context) == Succeeded("y")


def test_the_abilities_are_those_of_the_configuration(tmp_path: Path) -> None:
    command = executor(tmp_path, shell("true"))

    assert command.abilities(CONFIG) == {Ability.STEER, Ability.RESUME, Ability.WAIT, Ability.REF}
    assert Ability.WORKSPACE in command.abilities({**CONFIG, "repository": "shop"})
