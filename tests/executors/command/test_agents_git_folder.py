"""Whatever an agent does in the git folder of its workspace, Tock keeps nothing of what is elsewhere."""

import subprocess
from pathlib import Path

import pytest

from executors.command.deployment import Remote, executor, git
from executors.recorder import Recorder
from tock.core.run.outcome import Succeeded

pytestmark = pytest.mark.anyio

CONFIG = {"command": "work", "repository": "shop"}
#: The agent's branch now has the other repository's commit as its head.
AT_ITS_HEAD = "; git -C {outside} rev-parse HEAD > .git/refs/heads/tock/run-1"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "there")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Another repository of this machine, one of whose commits is packed and one is not."""
    folder = tmp_path / "outside"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    for name in ("packed", "loose"):
        (folder / f"{name}.txt").write_text(f"{name} secret\n", encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", name)
        if name == "packed":
            git(folder, "gc", "--quiet")
    git(folder, "branch", "tock/run-1")
    return folder


async def _left(code: str, tmp_path: Path, remote: Remote, recorder: Recorder) -> str | None:
    """Return the warning about the workspace that this shell code leaves."""
    done = """echo '{"result": "done"}'"""
    command = executor(tmp_path, ["/bin/sh", "-ec", f"{code}\n{done}"], url=remote.url)
    outcome = await command.execute(CONFIG, recorder.context(attempt=1))
    assert isinstance(outcome, Succeeded), outcome
    return recorder.left[-1].warning


def _holds_secrets(remote: Remote) -> bool:
    """Whether any object of the remote is one of the other repository."""
    objects = git(remote.bare, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    return any(b"secret" in _content(remote, oid) for oid in objects)


def _content(remote: Remote, oid: str) -> bytes:
    shown = subprocess.run(["git", "cat-file", "-p", oid], cwd=remote.bare, check=True, capture_output=True)  # noqa: S607 - the one in PATH
    return shown.stdout


REFUSED = {
    "further objects": "echo {outside}/.git/objects >> .git/objects/info/alternates" + AT_ITS_HEAD,
    "other objects": "echo {outside}/.git/objects > .git/objects/info/alternates" + AT_ITS_HEAD,
    "a link to further objects": (
        "echo {outside}/.git/objects > there; ln -sf ../../../there .git/objects/info/alternates" + AT_ITS_HEAD
    ),
    "a folder of links": (
        "mkdir info; echo {outside}/.git/objects > info/alternates; rm -r .git/objects/info;"
        " ln -s ../../info .git/objects/info" + AT_ITS_HEAD
    ),
    "a pipe": "rm .git/objects/info/alternates; mkfifo .git/objects/info/alternates",
    "a link to packs": (
        "rm -rf .git/objects/pack; ln -s {outside}/.git/objects/pack .git/objects/pack;"
        " git -C {outside} rev-parse HEAD~1 > .git/refs/heads/tock/run-1"
    ),
    "links to folders of objects": "ln -s {outside}/.git/objects/[0-9a-f][0-9a-f] .git/objects/" + AT_ITS_HEAD,
    "links to objects": (
        "for each in {outside}/.git/objects/[0-9a-f][0-9a-f]; do mkdir -p .git/objects/${{each##*/}};"
        " ln -s $each/* .git/objects/${{each##*/}}/; done" + AT_ITS_HEAD
    ),
    "a common folder": "echo {outside}/.git > .git/commondir",
    "a file that leads to another repository": "rm -rf .git; echo 'gitdir: {outside}/.git' > .git",
}


@pytest.mark.parametrize("case", REFUSED)
async def test_objects_of_another_repository_are_not_kept(
    case: str,
    tmp_path: Path,
    remote: Remote,
    outside: Path,
    recorder: Recorder,
) -> None:
    warning = await _left(REFUSED[case].format(outside=outside), tmp_path, remote, recorder)

    assert warning is not None
    assert warning.startswith("The workspace could not be read, so nothing of it is kept: ")
    assert remote.refs() == ["refs/heads/main"]
    assert not _holds_secrets(remote)


HARMLESS = {
    "another work tree": "git config core.worktree {outside}",
    "a configuration of the work tree": (
        "git config extensions.worktreeConfig true; git config --worktree core.worktree {outside}"
    ),
    "rules of its own": "echo '*' > .git/info/exclude; echo '* -text' > .git/info/attributes",
    "another index": "cp {outside}/.git/index .git/index",
    "no index": "rm .git/index",
    "replaced objects": (
        "git replace $(git rev-parse HEAD) $(git commit-tree HEAD^{{tree}} -m Other); rm -f .git/shallow"
    ),
    "its objects repacked": "git repack --quiet -a -d; git gc --quiet",
    "its objects made its own": "git repack --quiet -a -d; rm .git/objects/info/alternates",
    "a program for references": "git config core.alternateRefsCommand 'touch {outside}/owned'",
}


@pytest.mark.parametrize("case", HARMLESS)
async def test_what_the_agents_git_is_told_does_not_change_what_is_kept(
    case: str,
    tmp_path: Path,
    remote: Remote,
    outside: Path,
    recorder: Recorder,
) -> None:
    code = f"mkdir -p .git/info; {HARMLESS[case].format(outside=outside)}; echo new > new.txt"

    await _left(code, tmp_path, remote, recorder)

    left = recorder.left[-1]
    assert (left.files, left.ref, left.dirty) == (("new.txt",), "refs/tock/runs/run-1", True)
    kept = git(remote.bare, "ls-tree", "-r", "--name-only", "refs/tock/runs/run-1").splitlines()
    assert kept == ["README.md", "new.txt", "src/till.py"]
    assert not (outside / "owned").exists()
    assert not _holds_secrets(remote)
