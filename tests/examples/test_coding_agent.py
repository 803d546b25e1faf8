"""The example of a coding agent, with its own files."""

import json
import os
from pathlib import Path

import pytest

from examples.reader import EXAMPLES
from executors.command.deployment import Remote
from executors.recorder import Recorder
from tock.core.run.outcome import Succeeded, Usage
from tock.executors.command.allowed import Allowed, Command, Repository
from tock.executors.command.executor import CommandExecutor
from tock.executors.command.limits import WorkspaceLimits

pytestmark = pytest.mark.anyio

EXAMPLE = EXAMPLES / "coding_agent"


@pytest.mark.slow
async def test_the_coding_agent_commits_and_a_resumed_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{EXAMPLE}{os.pathsep}{os.environ['PATH']}")
    remote = Remote(tmp_path / "there")
    recorder = Recorder()
    given = json.loads((EXAMPLE / "repositories.json").read_text(encoding="utf-8"))
    given["shop"]["url"] = remote.url
    coder = CommandExecutor(
        commands=Allowed.parse(str(EXAMPLE / "commands.json"), kind=Command),
        repositories=Allowed.parse(json.dumps(given), kind=Repository),
        secrets={},
        workspaces=WorkspaceLimits(tmp_path / "workspaces"),
    )
    config = {"command": "coder", "repository": "shop"}
    coder.check(config, project="demo")

    first = await coder.execute(config, recorder.context(project="demo", attempt=1, message="Add a till"))
    second = await coder.execute(
        config, recorder.context(project="demo", run="run-2", attempt=1, resumed_from="run-1", message="Test it")
    )

    assert isinstance(first, Succeeded)
    assert isinstance(second, Succeeded)
    assert second.result == {"tasks": ["- Add a till", "- Test it"]}
    assert recorder.events == [("progress", {"task": "Add a till"}), ("progress", {"task": "Test it"})]
    assert recorder.used == [Usage(10, 1, model="stand-in"), Usage(7, 1, model="stand-in")]
    assert (recorder.left[1].files, recorder.left[1].dirty) == (("TASKS.md",), False)
    assert remote.show("refs/tock/runs/run-2^1:TASKS.md") == "- Add a till\n- Test it"
