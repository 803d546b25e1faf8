"""Nothing in a repository, and nothing that an agent leaves in its workspace, leads Tock out of it."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from executors.command.deployment import Remote, executor, git
from executors.recorder import Recorder
from tock.core.run.outcome import Failed, Succeeded, Workspace
from tock.executors.command.executor import CommandExecutor
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio

CONFIG = {"command": "work", "repository": "shop"}
RESULT = """echo '{"result": "done"}'"""
#: The name of the file that a program makes which must not run.
OWNED = "owned"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "there")


@pytest.fixture
def owned(tmp_path: Path) -> Path:
    return tmp_path / OWNED


@pytest.fixture
def begun(context_with: Callable[..., RunContext]) -> RunContext:
    return context_with(attempt=1)


def _shell(tmp_path: Path, remote: Remote, code: str) -> CommandExecutor:
    return executor(tmp_path, ["/bin/sh", "-ec", f"{code}\n{RESULT}"], url=remote.url)


async def _left(command: CommandExecutor, context: RunContext) -> Workspace:
    outcome = await command.execute(CONFIG, context)
    assert isinstance(outcome, Succeeded), outcome
    assert isinstance(context.host, Recorder)
    return context.host.left[-1]


def _exists(file: Path) -> bool:
    return file.exists()


#: What an agent may leave in its own repository; `touch` stands for a program of its own.
TRAPS = {
    "fsmonitor": "git config core.fsmonitor 'touch {owned}; false'",
    "hooks": (
        "for name in pre-commit post-checkout post-index-change reference-transaction pre-push post-commit; do"
        " mkdir -p .git/hooks; printf '#!/bin/sh\\ntouch {owned}\\n' > .git/hooks/$name; chmod +x .git/hooks/$name;"
        " done"
    ),
    "a folder of hooks": (
        "mkdir hooks; printf '#!/bin/sh\\ntouch {owned}\\n' > hooks/reference-transaction;"
        " cp hooks/reference-transaction hooks/post-index-change; chmod +x hooks/*; git config core.hooksPath hooks"
    ),
    "a filter": (
        "echo '* filter=trap diff=trap' > .gitattributes; git config filter.trap.clean 'touch {owned}; cat';"
        " git config filter.trap.process 'touch {owned}'; git config diff.trap.textconv 'touch {owned}; cat'"
    ),
    "a filter for large files": (
        "echo '* filter=lfs' > .gitattributes; git config filter.lfs.clean 'touch {owned}; cat';"
        " git config filter.lfs.smudge 'touch {owned}; cat'; git config filter.lfs.required true"
    ),
    "an included configuration": (
        "printf '[core]\\n\\tfsmonitor = \"touch {owned}; false\"\\n' > own.config;"
        " git config include.path ../own.config"
    ),
    "an external diff": "git config diff.external 'touch {owned}'",
    "a helper for passwords": "git config credential.helper '!touch {owned}'",
    "a program for ssh": (
        "git config core.sshCommand 'touch {owned}'; git config remote.origin.url ssh://host/path;"
        " git config url.ssh://host/.insteadOf file://"
    ),
    "a partial clone": (
        "git config core.repositoryFormatVersion 1; git config extensions.partialClone origin;"
        " git config remote.origin.promisor true; git config protocol.ext.allow always;"
        " git config remote.origin.url 'ext::sh -c \"touch% {owned}\"';"
        " printf '%040d\\n' 7 > .git/refs/heads/tock/run-1"
    ),
    "a submodule with fsmonitor": (
        "git init --quiet sub; git -C sub -c user.name=a -c user.email=a@b commit --quiet --allow-empty -m a;"
        " git add sub; git commit --quiet -m sub; git -C sub config core.fsmonitor 'touch {owned}; false';"
        " touch sub/new"
    ),
    "an alias for the index": "git config alias.add '!touch {owned}'; git config alias.push '!touch {owned}'",
}


@pytest.mark.parametrize("trap", TRAPS)
async def test_nothing_in_the_agents_repository_makes_tock_run_a_program(
    trap: str, tmp_path: Path, remote: Remote, owned: Path, begun: RunContext
) -> None:
    # The trap is set with git of the agent's own, and some of these run its hooks: the file is removed before the end.
    code = f"{TRAPS[trap].format(owned=owned)}\necho new > new.txt\nrm -f {owned}"

    left = await _left(_shell(tmp_path, remote, code), begun)

    assert not _exists(owned)
    assert ("new.txt" in left.files) == (trap != "a partial clone")


@pytest.mark.parametrize("trap", [name for name in TRAPS if name != "a partial clone"])
def test_the_traps_work_where_nobody_guards_against_them(trap: str, tmp_path: Path, owned: Path) -> None:
    """Show that a plain git runs the programs above, so that the test before can fail."""
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "a.txt").write_text("a\n", encoding="utf-8")
    base = "git init --quiet; git config user.name a; git config user.email a@b; git add .; git commit --quiet -m a"
    use = (
        "echo b >> a.txt; git add --all; git status; git commit --quiet -m b; git diff HEAD~1;"
        " GIT_TERMINAL_PROMPT=0 git push origin HEAD; git push"
    )
    setting = TRAPS[trap].format(owned=owned)

    subprocess.run(
        ["/bin/sh", "-c", f"{base}; {setting}; rm -f {owned}; {use}"],
        cwd=folder,
        check=False,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"},
    )

    aliases_are_never_taken = trap == "an alias for the index"
    a_password_is_asked_by_a_server = trap == "a helper for passwords"
    assert _exists(owned) != (aliases_are_never_taken or a_password_is_asked_by_a_server)


async def test_a_filter_that_the_repository_names_is_not_run(
    tmp_path: Path, remote: Remote, owned: Path, begun: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.commit({".gitattributes": "* filter=trap\n"})
    trap = f'[filter "trap"]\n\tsmudge = touch {owned}\n\tclean = touch {owned}\n'
    await anyio.Path(tmp_path / ".gitconfig").write_text(trap)
    monkeypatch.setenv("HOME", str(tmp_path))

    await _left(_shell(tmp_path, remote, "true"), begun)

    assert not _exists(owned)


async def test_submodules_are_not_fetched(tmp_path: Path, remote: Remote, owned: Path, begun: RunContext) -> None:
    modules = (
        f'[submodule "sub"]\n\tpath = sub\n\turl = {(tmp_path / "elsewhere").as_uri()}\n\tupdate = !touch {owned}\n'
    )
    (remote.person / "sub").mkdir()
    git(remote.person / "sub", "init", "--quiet")
    git(remote.person / "sub", "commit", "--quiet", "--allow-empty", "-m", "Sub")
    remote.commit({".gitmodules": modules})

    left = await _left(_shell(tmp_path, remote, 'test -z "$(ls sub)"; echo new > new.txt'), begun)

    assert left.files == ("new.txt",)
    assert not _exists(owned)
    assert "160000 commit" in git(remote.bare, "ls-tree", "refs/tock/runs/run-1")


async def test_links_are_kept_as_links_and_never_followed(
    tmp_path: Path, remote: Remote, begun: RunContext, context_with: Callable[..., RunContext]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret\n", encoding="utf-8")
    code = f"ln -s {outside} link; ln -s ../../../.. up; rm -r src; ln -s {outside} src"

    left = await _left(_shell(tmp_path, remote, code), begun)

    assert left.files == ("link", "src", "src/till.py", "up")
    assert remote.show("refs/tock/runs/run-1:link") == str(outside)
    kept = git(remote.bare, "ls-tree", "-r", "--name-only", "refs/tock/runs/run-1").splitlines()
    assert kept == ["README.md", "link", "src", "up"]
    resumed = context_with(run="run-2", attempt=1, resumed_from="run-1")
    await _left(_shell(tmp_path, remote, "test -L link; echo more > link/more.txt; rm link; mkdir link"), resumed)
    assert sorted(path.name for path in outside.iterdir()) == ["more.txt", "secret.txt"]  # what the agent itself wrote


#: How an agent may replace what Tock reads.
REPLACED = {
    "the workspace": "cd ..; mv work away; ln -s {outside} work",
    "its repository": "mv .git ../away; ln -s {outside}/.git .git",
    "its objects": "mv .git/objects ../away; ln -s {outside}/.git/objects .git/objects",
    "its head": "rm .git/HEAD; ln -s {outside}/.git/HEAD .git/HEAD; rm .git/HEAD; mkdir .git/HEAD",
    "everything": "cd ..; rm -rf work",
}


@pytest.mark.parametrize("case", REPLACED)
async def test_a_replaced_workspace_is_not_read(case: str, tmp_path: Path, remote: Remote, begun: RunContext) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    git(outside, "init", "--quiet")
    (outside / "secret.txt").write_text("secret\n", encoding="utf-8")
    git(outside, "add", ".")
    git(outside, "commit", "--quiet", "-m", "Secret")

    left = await _left(_shell(tmp_path, remote, REPLACED[case].format(outside=outside)), begun)

    assert left.warning is not None
    assert left.warning.startswith("The workspace could not be read, so nothing of it is kept: ")
    assert (left.commit, left.files, left.ref) == (None, (), None)
    assert remote.refs() == ["refs/heads/main"]
    assert _exists(outside / "secret.txt")


async def test_repositories_inside_the_workspace_are_left_out(
    tmp_path: Path, remote: Remote, begun: RunContext
) -> None:
    code = "git init --quiet 'inner [x] #'; touch 'inner [x] #/a'; git init --quiet deep/inner; echo new > deep/new.txt"

    left = await _left(_shell(tmp_path, remote, code), begun)

    assert left.files == ("deep/new.txt",)


async def test_a_program_of_the_repository_is_never_looked_up(
    tmp_path: Path, remote: Remote, owned: Path, begun: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = remote.person / "shop-tool"
    path.write_text(f"#!/bin/sh\ntouch {owned}\n", encoding="utf-8")
    path.chmod(0o755)
    remote.push()
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")

    outcome = await executor(tmp_path, ["shop-tool"], url=remote.url).execute(CONFIG, begun)

    assert isinstance(outcome, Failed)
    assert (outcome.type, "is not installed" in outcome.message) == ("invalid_config", True)
    assert not _exists(owned)
