"""How a command starts, speaks, listens and ends."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from documentation.pages import codes
from executors.command.deployment import Remote, executor
from executors.python.processes import ends, runs
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, OnDeadline, Succeeded, Usage, WaitFor, Waiting
from tock.core.run.run_token import RunTokens
from tock.executors.callbacks import Callbacks
from tock.executors.command.attempt import KEEP_STOPPED
from tock.executors.command.program import LONGEST_DRAIN
from tock.executors.kept_process.ending import GRACE
from tock.ports.executor import Ability, GivenAnswer, RunContext
from tock.ports.host import Message, Previous, PreviousFailure
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio

CONFIG = {"command": "work"}


def _python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


def _shell(code: str) -> list[str]:
    return ["/bin/sh", "-c", code]


def _tasks() -> list[str]:
    return [getattr(task.get_coro(), "__name__", "") for task in asyncio.all_tasks()]


def _message(text: str, *, number: int = 1, kind: str = "steer") -> Message:
    return Message(number, kind, text, "ada", datetime(2027, 3, 28, tzinfo=UTC))


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

    outcome = await executor(tmp_path, _python(code)).execute(CONFIG, context)

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

    outcome = await executor(tmp_path, _python(code)).execute({**CONFIG, "previous": asks}, context)

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
        _python(code),
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
    code = _shell("for i in $(seq 1 30); do echo line $i >&2; done; echo key sk-12345678 >&2; exit 3")

    outcome = await executor(tmp_path, code, secrets={"acme/model": "sk-12345678"}).execute(CONFIG, context)

    lines = "\n".join([*(f"line {number}" for number in range(12, 31)), "key ***"])
    message = f"The command ended with exit_code 3. The last lines of its stderr:\n{lines}"
    assert outcome == Failed("command_failed", message, retryable=True)


async def test_a_killed_command_fails(tmp_path: Path, context: RunContext) -> None:
    outcome = await executor(tmp_path, _shell("kill -9 $$")).execute(CONFIG, context)

    assert isinstance(outcome, Failed)
    assert outcome.message.startswith("The command was killed by SIGKILL")


async def test_a_result_does_not_make_a_success_of_another_exit_status(tmp_path: Path, context: RunContext) -> None:
    outcome = await executor(tmp_path, _shell("""echo '{"result": 1}'; exit 1""")).execute(CONFIG, context)

    assert isinstance(outcome, Failed)


CALLBACKS = Callbacks(url="https://api.example.com", tokens=RunTokens("k" * 32))
WAITS: dict[str, tuple[dict[str, Any], Waiting]] = {
    "an approval": (
        {"for": "approval", "question": "Merge?", "deadline": "PT1H", "on_deadline": "reject"},
        Waiting(WaitFor.APPROVAL, "Merge?", timedelta(hours=1), OnDeadline.REJECT),
    ),
    "a callback": ({"for": "callback", "deadline": 90}, Waiting(WaitFor.CALLBACK, deadline=timedelta(seconds=90))),
}


@pytest.mark.parametrize("case", WAITS)
async def test_a_command_that_printed_a_wait_waits(case: str, tmp_path: Path, context: RunContext) -> None:
    given, expected = WAITS[case]
    command = executor(tmp_path, _python(f"print({json.dumps({'wait': given})!r})"), callbacks=CALLBACKS)

    assert await command.execute(CONFIG, context) == expected


async def test_a_command_gets_what_a_service_needs_to_call_back(tmp_path: Path, context: RunContext) -> None:
    code = "import json, sys; print(json.dumps({'result': json.loads(sys.stdin.readline())['callback']}))"

    outcome = await executor(tmp_path, _python(code), callbacks=CALLBACKS).execute(CONFIG, context)
    without = await executor(tmp_path, _python(code)).execute(CONFIG, context)

    assert outcome == Succeeded(asdict(CALLBACKS.of_attempt(project="acme", run="run-1", attempt=context.attempt)))
    assert without == Succeeded(None)


async def test_a_wait_for_a_callback_that_the_deployment_does_not_take_is_refused(
    tmp_path: Path, context: RunContext
) -> None:
    outcome = await executor(tmp_path, _shell("""echo '{"wait": {"for": "callback"}}'""")).execute(CONFIG, context)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.retryable) == ("invalid_outcome", False)


@pytest.mark.parametrize("said", ['{"wait": {"for": "tea"}}', '{"wait": 5}', '{"usage": 5}'])
async def test_a_word_that_cannot_be_read_is_a_warning(
    said: str, tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    outcome = await executor(tmp_path, _python(f"print({said!r}); print('{{\"result\": 1}}')")).execute(CONFIG, context)

    assert outcome == Succeeded(1)
    [(kind, data)] = recorder.notices
    assert (kind, "cannot be read: write" in data["text"]) == ("run.warning", True)


async def test_a_checkpoint_is_saved(tmp_path: Path, context: RunContext, recorder: Recorder) -> None:
    await executor(tmp_path, _shell("""echo '{"checkpoint": {"step": 3}}'""")).execute(CONFIG, context)

    assert recorder.states == [{"step": 3}]


async def test_a_program_goes_on_with_what_it_saved_in_its_session(
    tmp_path: Path, context_with: Callable[..., RunContext]
) -> None:
    code = """
import json, sys
before = json.loads(sys.stdin.readline())["conversation"]
print(json.dumps({"result": before, "session": (before or 0) + 1}))
"""
    command = executor(tmp_path, _python(code))

    outcomes = [await command.execute(CONFIG, context_with(session="run-1")) for _ in range(3)]

    assert outcomes == [Succeeded(None), Succeeded(1), Succeeded(2)]


async def test_messages_arrive_as_json_lines(tmp_path: Path, context: RunContext, recorder: Recorder) -> None:
    code = """
import json, sys
sys.stdin.readline()
print(json.dumps({"event": "ready"}))
print(json.dumps({"result": [json.loads(sys.stdin.readline()) for _ in range(2)]}))
"""
    task = asyncio.create_task(executor(tmp_path, _python(code)).execute(CONFIG, context))
    await until(lambda: recorder.events)

    recorder.signals.put_nowait(_message("Use the till"))
    recorder.signals.put_nowait(_message("Then test it", number=2, kind="follow_up"))

    assert await task == Succeeded(
        [
            {"signal": "steer", "number": 1, "message": "Use the till", "by": "ada"},
            {"signal": "follow_up", "number": 2, "message": "Then test it", "by": "ada"},
        ]
    )


async def test_a_command_that_closed_its_stdin_takes_no_message(
    tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    flag = tmp_path / "go"
    code = f"""
import os, sys, time
sys.stdin.readline()
os.close(0)
print('{{"event": "closed"}}')
while not os.path.exists({str(flag)!r}): time.sleep(0.02)
"""
    task = asyncio.create_task(executor(tmp_path, _python(code)).execute(CONFIG, context))
    await until(lambda: recorder.events and "steer" not in _tasks())

    recorder.signals.put_nowait(_message("Too late"))
    flag.touch()
    await task

    assert recorder.signals.qsize() == 1


async def test_a_command_that_reads_nothing_ends_all_the_same(
    tmp_path: Path, context_with: Callable[..., RunContext]
) -> None:
    context = context_with(message="x" * 500_000)

    async with asyncio.timeout(TIMEOUT):
        outcome = await executor(tmp_path, _shell("""echo '{"result": 1}'""")).execute(CONFIG, context)

    assert outcome == Succeeded(1)


STUBBORN = {
    "it listens": _shell(
        """trap 'echo bye; exit 0' TERM; echo "{\\"event\\": \\"pid\\", \\"data\\": $$}"; sleep 1000 & wait"""
    ),
    "it ignores the signal": _python(
        "import signal, os, time; signal.signal(15, signal.SIG_IGN);"
        'print(\'{"event": "pid", "data": %d}\' % os.getpid()); time.sleep(1000)'
    ),
    "its child left its session": _python(
        "import subprocess, time; child = subprocess.Popen(['sleep', '1000'], start_new_session=True);"
        'print(\'{"event": "pid", "data": %d}\' % child.pid); time.sleep(1000)'
    ),
}


@pytest.mark.parametrize("case", STUBBORN)
async def test_a_cancelled_attempt_is_really_stopped(
    case: str, tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    task = asyncio.create_task(executor(tmp_path, STUBBORN[case]).execute(CONFIG, context))
    process = await recorder.first_event()
    assert runs(process)

    task.cancel()
    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(asyncio.CancelledError):
            await task

    assert not runs(process)


def test_stopping_takes_five_seconds_at_most() -> None:
    assert timedelta(seconds=5) >= GRACE + LONGEST_DRAIN + KEEP_STOPPED


async def test_the_signal_reaches_the_whole_group_and_leaves_time_to_end(
    tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    child = """
trap 'echo "{\\"event\\": \\"stopped\\"}"; exit' TERM
echo '{"event": "ready"}'
sleep 1000 &
wait
"""
    script = tmp_path / "child.sh"
    script.write_text(child, encoding="utf-8")
    task = asyncio.create_task(executor(tmp_path, _shell(f"trap : TERM; sh {script}")).execute(CONFIG, context))
    await until(lambda: recorder.events)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert recorder.events == [("ready", None), ("stopped", None)]


async def test_nothing_that_a_command_leaves_outlives_the_attempt(
    tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    code = _shell("""setsid sleep 1000 & echo "{\\"event\\": \\"pid\\", \\"data\\": $!}" """)

    outcome = await executor(tmp_path, code).execute(CONFIG, context)

    assert outcome == Succeeded(None)
    assert ends(await recorder.first_event())


PARENT = """
import asyncio, json, sys
sys.path[:] = json.loads(sys.argv[1])
from pathlib import Path
from executors.command.deployment import executor
from executors.recorder import Recorder
class Printer(list):
    def append(self, event):
        print(event[1], flush=True)
context = Recorder(events=Printer()).context()
asyncio.run(executor(Path(sys.argv[2]), json.loads(sys.argv[3])).execute({"command": "work"}, context))
"""


def test_a_command_dies_with_its_killed_runner(tmp_path: Path) -> None:
    argv = STUBBORN["its child left its session"]
    command = [sys.executable, "-c", PARENT, json.dumps(sys.path), str(tmp_path), json.dumps(argv)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        assert runs(process)

        parent.send_signal(signal.SIGKILL)

        assert ends(process)


async def test_arguments_are_data_and_no_shell_reads_them(tmp_path: Path, context: RunContext) -> None:
    code = "import json, sys; print(json.dumps({'result': sys.argv[1:]}))"
    given = ["$(touch owned)", "; rm -rf *", "ünïcode"]

    outcome = await executor(tmp_path, _python(code), arguments=3).execute({**CONFIG, "arguments": given}, context)

    assert outcome == Succeeded(given)


async def test_signals_that_python_ignores_have_their_usual_effect(tmp_path: Path, context: RunContext) -> None:
    code = _shell("""yes | head -1 > /dev/null; echo "{\\"result\\": \\"$(yes | head -1)\\"}" """)

    async with asyncio.timeout(TIMEOUT):
        assert await executor(tmp_path, code).execute(CONFIG, context) == Succeeded("y")


def test_the_abilities_are_those_of_the_configuration(tmp_path: Path) -> None:
    command = executor(tmp_path, _shell("true"))

    assert command.abilities(CONFIG) == {Ability.STEER, Ability.RESUME, Ability.WAIT, Ability.REF}
    assert Ability.WORKSPACE in command.abilities({**CONFIG, "repository": "shop"})
