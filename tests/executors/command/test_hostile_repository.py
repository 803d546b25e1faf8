"""Nothing that a repository holds is written outside of a run's workspace, or into its git folder."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from executors.command.deployment import Remote, executor, git
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded
from tock.ports.executor import RunContext

pytestmark = pytest.mark.anyio

CONFIG = {"command": "work", "repository": "shop"}
FOLDER, FILE, LINK = "40000", "100755", "120000"
HOOK = "#!/bin/sh\ntouch {owned}\n"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path / "there")


@pytest.fixture
def begun(context_with: Callable[..., RunContext]) -> RunContext:
    return context_with(attempt=1)


class Crafted:
    """Objects that no git would make of files, in the remote; its branch `main` leads to them."""

    def __init__(self, remote: Remote) -> None:
        self._bare = remote.bare

    def blob(self, text: str) -> str:
        return self._written("blob", text.encode())

    def tree(self, *entries: tuple[str, str, str]) -> str:
        """Write a tree of modes, names and objects, however wrong its names are."""
        data = b"".join(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries)
        return self._written("tree", data)

    def push(self, tree: str) -> None:
        commit = git(self._bare, "commit-tree", tree, "-m", "Crafted")
        git(self._bare, "update-ref", "refs/heads/main", commit)

    def _written(self, kind: str, data: bytes) -> str:
        done = subprocess.run(
            ["git", "hash-object", "-w", "--literally", "-t", kind, "--stdin"],  # noqa: S607 - the one in PATH
            cwd=self._bare,
            input=data,
            check=True,
            capture_output=True,
        )
        return done.stdout.decode().strip()


def _upwards(crafted: Crafted, blob: str, _: Path) -> str:
    return crafted.tree((FOLDER, "..", crafted.tree((FILE, "owned", blob))))


def _upwards_in_one_name(crafted: Crafted, blob: str, _: Path) -> str:
    return crafted.tree((FILE, "../owned", blob))


def _inside_and_upwards(crafted: Crafted, blob: str, _: Path) -> str:
    up = crafted.tree((FOLDER, "..", crafted.tree((FOLDER, "..", crafted.tree((FILE, "owned", blob))))))
    return crafted.tree((FOLDER, "src", up))


def _absolute(crafted: Crafted, blob: str, owned: Path) -> str:
    return crafted.tree((FILE, str(owned), blob))


def _git_folder(name: str) -> Callable[[Crafted, str, Path], str]:
    def crafts(crafted: Crafted, blob: str, _: Path) -> str:
        hooks = crafted.tree((FILE, "post-index-change", blob))
        return crafted.tree((FOLDER, name, crafted.tree((FOLDER, "hooks", hooks))))

    return crafts


def _git_file(crafted: Crafted, _: str, owned: Path) -> str:
    return crafted.tree((FILE, ".git", crafted.blob(f"gitdir: {owned.parent}\n")))


REFUSED: dict[str, Callable[[Crafted, str, Path], str]] = {
    "a folder upwards": _upwards,
    "a name upwards": _upwards_in_one_name,
    "a folder upwards in a folder": _inside_and_upwards,
    "a whole path": _absolute,
    "a git folder": _git_folder(".git"),
    "a git folder in capitals": _git_folder(".GIT"),
    "a git folder in mixed letters": _git_folder(".gIt"),
    "a git folder by its short name": _git_folder("git~1"),
    "a git file": _git_file,
}


def _below(folder: Path, name: str = "*") -> list[Path]:
    return sorted(folder.rglob(name))


async def _run(tmp_path: Path, remote: Remote, code: str, context: RunContext) -> AgentOutcome:
    done = """echo '{"result": "done"}'"""
    return await executor(tmp_path, ["/bin/sh", "-ec", f"{code}\n{done}"], url=remote.url).execute(CONFIG, context)


@pytest.mark.parametrize("case", REFUSED)
async def test_a_tree_whose_names_lead_out_is_never_written(
    case: str, tmp_path: Path, remote: Remote, begun: RunContext
) -> None:
    crafted, owned = Crafted(remote), tmp_path / "owned"
    crafted.push(REFUSED[case](crafted, crafted.blob(HOOK.format(owned=owned)), owned))

    outcome = await _run(tmp_path, remote, "git commit --quiet --allow-empty -m New", begun)

    assert isinstance(outcome, Failed)
    assert outcome.type == "workspace_failed"
    assert _below(tmp_path, "owned") == []


@pytest.mark.parametrize("target", ["outside", ".git"])
async def test_a_folder_behind_a_link_of_the_same_name_is_never_written_through_the_link(
    target: str, tmp_path: Path, remote: Remote, begun: RunContext
) -> None:
    outside, owned = tmp_path / "outside", tmp_path / "owned"
    outside.mkdir()
    crafted = Crafted(remote)
    hook = crafted.blob(HOOK.format(owned=owned))
    link = crafted.blob(str(outside) if target == "outside" else ".git")
    hooks = crafted.tree((FILE, "post-commit", hook))
    crafted.push(crafted.tree((LINK, "both", link), (FOLDER, "both", crafted.tree((FOLDER, "hooks", hooks)))))

    outcome = await _run(
        tmp_path, remote, "test ! -e .git/hooks/post-commit; git commit --quiet --allow-empty -m New", begun
    )

    assert isinstance(outcome, Succeeded) or outcome == Failed(
        "workspace_failed", getattr(outcome, "message", ""), retryable=True
    )
    assert _below(outside) == []
    assert not owned.exists()


#: What the function's environment may tell git, each of which would run a program or read another repository.
TOLD = {
    "GIT_TRACE": "{owned}",
    "GIT_TRACE2_EVENT": "{owned}",
    "GIT_CONFIG_PARAMETERS": "'core.fsmonitor'='touch {owned}; false'",
    "GIT_EXTERNAL_DIFF": "touch {owned}",
    "GIT_SSH_COMMAND": "touch {owned}",
    "GIT_PROXY_COMMAND": "touch {owned}",
    "GIT_EDITOR": "touch {owned}",
    "GIT_EXEC_PATH": "{folder}",
    "GIT_TEMPLATE_DIR": "{folder}",
    "GIT_DIR": "{folder}",
    "GIT_WORK_TREE": "{folder}",
    "GIT_INDEX_FILE": "{owned}",
    "GIT_OBJECT_DIRECTORY": "{folder}",
    "GIT_ALLOW_PROTOCOL": "ext",
}


@pytest.mark.parametrize("variable", TOLD)
async def test_what_the_functions_environment_tells_git_reaches_neither_tocks_git_nor_the_agent(
    variable: str, tmp_path: Path, remote: Remote, begun: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned, folder = tmp_path / "owned", tmp_path / "folder"
    (folder / "hooks").mkdir(parents=True)
    for name in ("git-fetch", "git-remote-file", "hooks/post-index-change", "hooks/reference-transaction"):
        (folder / name).write_text(HOOK.format(owned=owned), encoding="utf-8")
        (folder / name).chmod(0o755)
    before = _below(folder)
    code = 'test "$(env | grep ^GIT_)" = GIT_TERMINAL_PROMPT=0; echo new > new.txt; git add .; git commit -qm New'

    with monkeypatch.context() as environment:
        environment.setenv(variable, TOLD[variable].format(owned=owned, folder=folder))
        outcome = await _run(tmp_path, remote, code, begun)

    assert isinstance(outcome, Succeeded), outcome
    assert not owned.exists()
    assert _below(folder) == before
    assert remote.show("refs/tock/runs/run-1:new.txt") == "new"
