"""How many workspaces a process keeps, and which it removes."""

import asyncio
import json
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from executors.command.deployment import Remote, executor
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded
from tock.executors.command.executor import CommandExecutor
from tock.executors.command.workspace.process_folder import ProcessFolder
from tock.ports.executor import RunContext
from waiting import until

pytestmark = pytest.mark.anyio

CONFIG = {"command": "work", "repository": "shop"}
RESULT = """echo '{"result": "done"}'"""


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "there")


def _shell(tmp_path: Path, remote: Remote, code: str, *, count: int = 2, size: int = 10**9) -> CommandExecutor:
    return executor(tmp_path, ["/bin/sh", "-ec", code], url=remote.url, count=count, size=size)


def _kept(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.glob("workspaces/*/runs/*"))


def _clones(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.glob("workspaces/*/clones/*"))


def _readme(tmp_path: Path, workspace: str) -> str:
    [file] = tmp_path.glob(f"workspaces/*/runs/{workspace}/work/README.md")
    return file.read_text(encoding="utf-8")


async def test_the_oldest_workspaces_are_removed_beyond_the_count(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext]
) -> None:
    command = _shell(tmp_path, remote, RESULT)

    for number in (3, 1, 2):
        await command.execute(CONFIG, context_with(run=f"run-{number}", attempt=1))

    assert _kept(tmp_path) == ["run-1.1", "run-2.1"]


async def test_they_are_removed_beyond_the_bytes(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext]
) -> None:
    command = _shell(tmp_path, remote, f"head -c 600000 /dev/zero > big; {RESULT}", count=9, size=1_500_000)

    for number in (3, 1, 2):
        await command.execute(CONFIG, context_with(run=f"run-{number}", attempt=1))

    assert _kept(tmp_path) == ["run-1.1", "run-2.1"]


async def test_the_bytes_of_what_is_in_use_count_too(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    remote.commit({"large.txt": "x" * 600_000})
    flag = tmp_path / "go"
    wait = f"""echo '{{"event": "ready"}}'; while ! test -e {flag}; do sleep 0.02; done; {RESULT}"""
    command = _shell(tmp_path, remote, wait, count=9, size=1_500_000)
    flag.touch()
    for number in (1, 2):
        await command.execute(CONFIG, context_with(run=f"run-{number}", attempt=1))
    recorder.events.clear()
    flag.unlink()

    third = asyncio.create_task(command.execute(CONFIG, context_with(run="run-3", attempt=1)))
    await until(lambda: recorder.events)

    assert _kept(tmp_path) == ["run-2.1", "run-3.1"]
    flag.touch()
    await third


async def test_clones_go_last_and_are_made_again(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext]
) -> None:
    command = _shell(tmp_path, remote, RESULT, size=0)

    outcomes = [await command.execute(CONFIG, context_with(run=f"run-{number}", attempt=1)) for number in (1, 2)]

    assert [type(outcome) for outcome in outcomes] == [Succeeded, Succeeded]
    assert (_kept(tmp_path), _clones(tmp_path)) == ([], [])


async def test_a_clone_stays_while_there_is_room(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext]
) -> None:
    command = _shell(tmp_path, remote, RESULT)

    for number in (1, 2, 3):
        await command.execute(CONFIG, context_with(run=f"run-{number}", attempt=1))

    assert _clones(tmp_path) == ["0.git"]


async def test_a_workspace_goes_whatever_its_folders_allow(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    code = f"mkdir -p cache/deep; touch cache/deep/file; ln -s {outside} cache/link; chmod -R a-w cache; {RESULT}"
    command = _shell(tmp_path, remote, code, count=1)

    for number in (1, 2):
        await command.execute(CONFIG, context_with(run=f"run-{number}", attempt=1))

    assert _kept(tmp_path) == ["run-2.1"]
    assert stat.S_IMODE(outside.stat().st_mode) == 0o500


async def test_none_in_use_is_removed_and_without_room_an_attempt_fails_for_now(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext], recorder: Recorder
) -> None:
    flag = tmp_path / "go"
    code = f"""echo '{{"event": "ready"}}'; while ! test -e {flag}; do sleep 0.02; done; test -e README.md; {RESULT}"""
    command = _shell(tmp_path, remote, code, size=0)
    working = [
        asyncio.create_task(command.execute(CONFIG, context_with(run=f"run-{number}", attempt=1))) for number in (1, 2)
    ]
    await until(lambda: len(recorder.events) == len(working))

    refused = await command.execute(CONFIG, context_with(run="run-3", attempt=1))
    flag.touch()
    outcomes = await asyncio.gather(*working)

    message = "There is no workspace: This instance has 2 workspaces in use, which is the most it may have."
    assert refused == Failed("workspace_failed", message, retryable=True)
    assert [type(outcome) for outcome in outcomes] == [Succeeded, Succeeded]
    assert _kept(tmp_path) == []


async def test_a_resumed_run_does_not_touch_the_workspace_of_its_source(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext]
) -> None:
    command = _shell(tmp_path, remote, f"echo mine >> README.md; {RESULT}")
    await command.execute(CONFIG, context_with(attempt=1))

    await command.execute(CONFIG, context_with(run="run-2", attempt=1, resumed_from="run-1"))

    assert _readme(tmp_path, "run-1.1") == "Shop\nmine\n"
    assert _readme(tmp_path, "run-2.1") == "Shop\nmine\nmine\n"


PARENT = """
import asyncio, json, sys
sys.path[:] = json.loads(sys.argv[1])
from pathlib import Path
from executors.command.deployment import executor
from executors.recorder import Recorder
class Printer(list):
    def append(self, event):
        print(event[1], flush=True)
context = Recorder(events=Printer()).context(attempt=1)
command = executor(Path(sys.argv[2]), ["/bin/sh", "-ec", sys.argv[4]], url=sys.argv[3])
asyncio.run(command.execute({"command": "work", "repository": "shop"}, context))
"""


async def test_after_a_killed_runner_the_next_attempt_begins_anew_and_cleans_up(
    tmp_path: Path, remote: Remote, context_with: Callable[..., RunContext]
) -> None:
    half = """echo half > half.txt; echo '{"event": "ready", "data": 1}'; sleep 1000"""
    command = [sys.executable, "-c", PARENT, json.dumps(sys.path), str(tmp_path), remote.url, half]
    parent = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    assert await parent.stdout.readline() == b"1\n"
    assert _kept(tmp_path) == ["run-1.1"]

    parent.kill()
    await parent.wait()
    outcome = await _shell(tmp_path, remote, f"! test -e half.txt; {RESULT}").execute(CONFIG, context_with(attempt=2))

    assert isinstance(outcome, Succeeded)
    assert _kept(tmp_path) == ["run-1.2"]


HOLDER = """
import json, sys, time
sys.path[:] = json.loads(sys.argv[1])
from pathlib import Path
from tock.executors.command.workspace.process_folder import ProcessFolder
print(ProcessFolder(Path(sys.argv[2])).path(), flush=True)
time.sleep(1000)
"""


def test_the_folders_of_ended_processes_are_removed_and_no_others(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, json.dumps(sys.path), str(tmp_path)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as alive,
    ):
        assert killed.stdout is not None
        assert alive.stdout is not None
        gone, there = Path(killed.stdout.readline().strip()), Path(alive.stdout.readline().strip())
        (gone / "deep").mkdir()
        killed.send_signal(signal.SIGKILL)
        killed.wait()

        own = ProcessFolder(tmp_path).path()

        assert sorted(path for path in tmp_path.iterdir() if path.is_dir()) == sorted([there, own])
        alive.kill()
