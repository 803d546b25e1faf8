"""Commands in the workspace of a settled run: on the instance that has it, and on one that restores it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from executors.command.deployment import Remote, git
from executors.recorder import Recorder
from tock.core.errors import InvalidArgument
from tock.core.run.follow_up import FollowUp
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded, Workspace
from tock.executors.command.allowed import Allowed, Command, Repository
from tock.executors.command.executor import CommandExecutor
from tock.executors.command.limits import WorkspaceLimits
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio
RESULT = """echo '{"result": "done"}'"""
WORK = f"echo out > .gitignore; echo more >> README.md; echo draft > draft.txt; {RESULT}"
#: What the deployment's commands do.
COMMANDS = {
    "work": WORK,
    "build": "cat draft.txt; test -e out && echo again > out || echo built > out",
    "start": 'cat out; echo "{\\"result\\": \\"$1\\"}"',
    "change": "git symbolic-ref --short HEAD; echo changed >> draft.txt",
    "break": "echo no >&2; exit 3",
}


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "there")


def instance(folder: Path, remote: Remote, *, count: int = 4) -> CommandExecutor:
    """Return the executor of an instance that has its own folder for workspaces."""
    commands = {
        name: Command.model_validate(
            {"argv": ["/bin/sh", "-ec", code, "sh"], "projects": ["acme"], "arguments": int(name == "start")}
        )
        for name, code in COMMANDS.items()
    } | {"theirs": Command.model_validate({"argv": ["/bin/true"], "projects": ["other"]})}
    return CommandExecutor(
        commands=Allowed(commands),
        repositories=Allowed({"shop": Repository.model_validate({"url": remote.url, "projects": ["acme"]})}),
        secrets={},
        workspaces=WorkspaceLimits(folder / "workspaces", count=count, size=10**9),
    )


class Runs:
    """Runs, and commands in the workspace of the first of them."""

    def __init__(self, context_with: Callable[..., RunContext], recorder: Recorder) -> None:
        self._context_with, self.recorder, self._number = context_with, recorder, 0

    async def work(self, on: CommandExecutor, run: str = "run-1", **context: Any) -> AgentOutcome:
        given = self._context_with(run=run, attempt=1, **context)
        return await on.execute({"command": "work", "repository": "shop"}, given)

    async def follow_up(self, on: CommandExecutor, command: str, *arguments: str, of: str = "run-1") -> AgentOutcome:
        self._number += 1
        config = on.command_config(
            FollowUp(of=of, repository="shop", command=command, arguments=arguments), project="acme"
        )
        context = self._context_with(run=f"exec-{self._number}", attempt=1, ref=None, workspace_of=of)
        return await on.execute(config, context)

    @property
    def left(self) -> Workspace:
        return self.recorder.left[-1]


@pytest.fixture
def runs(context_with: Callable[..., RunContext], recorder: Recorder) -> Runs:
    return Runs(context_with, recorder)


def _there(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("workspaces/*/runs/*"))


async def test_commands_find_what_the_run_and_earlier_commands_left(tmp_path: Path, remote: Remote, runs: Runs) -> None:
    here = instance(tmp_path, remote)
    await runs.work(here)

    built = await runs.follow_up(here, "build")
    started = await runs.follow_up(here, "start", "port")

    assert built == Succeeded({"exit_code": 0})
    assert started == Succeeded("port")
    assert [text for _, text in runs.recorder.logged] == ["draft", "built"]
    assert _there(tmp_path) == ["run-1.1"]


async def test_another_instance_restores_the_workspace(tmp_path: Path, remote: Remote, runs: Runs) -> None:
    await runs.work(instance(tmp_path, remote))
    there = instance(tmp_path / "elsewhere", remote)

    built = await runs.follow_up(there, "build")
    again = await runs.follow_up(there, "build")
    await runs.follow_up(there, "start")

    assert (built, again) == (Succeeded({"exit_code": 0}), Succeeded({"exit_code": 0}))
    assert [text for _, text in runs.recorder.logged] == ["draft", "draft", "again"]
    assert _there(tmp_path / "elsewhere") == ["run-1.exec-1.1"]


async def test_what_a_command_changes_is_told_and_kept_nowhere_else(tmp_path: Path, remote: Remote, runs: Runs) -> None:
    here = instance(tmp_path, remote)
    await runs.work(here)
    kept, refs = git(remote.bare, "rev-parse", "refs/tock/runs/run-1"), remote.refs()

    await runs.follow_up(here, "change")

    assert (runs.left.files, runs.left.ref, runs.left.branch) == (("draft.txt",), None, "tock/run-1")
    assert runs.left.warning == "What the command changed stays on this instance, and is not kept."
    assert (git(remote.bare, "rev-parse", "refs/tock/runs/run-1"), remote.refs()) == (kept, refs)
    assert runs.recorder.logged[-1] == ("info", "tock/run-1")


async def test_a_run_that_resumes_the_run_does_not_see_it(tmp_path: Path, remote: Remote, runs: Runs) -> None:
    here = instance(tmp_path, remote)
    await runs.work(here)
    await runs.follow_up(here, "change")

    await runs.work(here, "run-2", resumed_from="run-1")

    assert remote.show("refs/tock/runs/run-2:README.md") == "Shop\nmore\nmore"
    assert "changed" not in remote.show("refs/tock/runs/run-2:draft.txt")


async def test_a_workspace_that_is_not_what_the_remote_keeps_is_restored(
    tmp_path: Path, remote: Remote, runs: Runs
) -> None:
    here = instance(tmp_path, remote)
    await runs.work(here)
    # A later attempt of the run, on another instance, kept this.
    commit = git(remote.bare, "commit-tree", "main^{tree}", "-p", "main", "-m", "Later")
    git(remote.bare, "update-ref", "refs/tock/runs/run-1", commit)

    outcome = await runs.follow_up(here, "build")

    assert isinstance(outcome, Failed)
    assert "draft.txt" in outcome.message


async def test_a_failed_command_quotes_its_last_lines_and_may_not_be_retried_for_ever(
    tmp_path: Path, remote: Remote, runs: Runs
) -> None:
    here = instance(tmp_path, remote)
    await runs.work(here)

    outcome = await runs.follow_up(here, "break")

    assert isinstance(outcome, Failed)
    assert (outcome.type, "exit_code 3" in outcome.message, "no" in outcome.message) == ("command_failed", True, True)


async def test_a_workspace_that_nothing_keeps_any_more_is_a_final_failure(
    tmp_path: Path, remote: Remote, runs: Runs
) -> None:
    here = instance(tmp_path, remote)
    await runs.work(here)
    git(remote.bare, "update-ref", "-d", "refs/tock/runs/run-1")

    outcome = await runs.follow_up(here, "build")

    message = "The repository 'shop' keeps nothing of the run run-1 any more: start a new run."
    assert outcome == Failed("ref_missing", message, retryable=False)


async def test_a_workspace_in_use_is_not_removed_for_another(tmp_path: Path, remote: Remote, runs: Runs) -> None:
    here = instance(tmp_path, remote, count=2)
    await runs.work(here)
    await runs.work(here, "run-2")

    await asyncio.gather(runs.follow_up(here, "build"), runs.follow_up(here, "build", of="run-2"))

    assert _there(tmp_path) == ["run-1.1", "run-2.1"]


@pytest.mark.parametrize(
    ("command", "arguments", "field"),
    [
        ("theirs", (), "command"),
        ("nothing", (), "command"),
        ("/bin/sh", (), "command"),
        ("build", ("x",), "arguments"),
        ("start", ("a", "b"), "arguments"),
        ("start", ("--x",), "arguments[0]"),
    ],
)
def test_only_what_the_deployment_allows_to_the_project_can_run(
    tmp_path: Path, remote: Remote, command: str, arguments: tuple[str, ...], field: str
) -> None:
    wanted = FollowUp(of="run-1", repository="shop", command=command, arguments=arguments)

    with pytest.raises(InvalidArgument) as refused:
        instance(tmp_path, remote).command_config(wanted, project="acme")

    assert refused.value.field == field
    assert "other" not in str(refused.value)
