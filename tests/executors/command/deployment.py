"""An executor of commands with a deployment's configuration, and git repositories to work in."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tock.executors.callbacks import Callbacks
from tock.executors.command.allowed import Allowed, Command, Repository
from tock.executors.command.executor import CommandExecutor
from tock.executors.command.limits import WorkspaceLimits

_IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always")


def git(folder: Path, *arguments: str) -> str:
    """Run git as a person would, and return what it prints."""
    done = subprocess.run(
        ["git", *_IDENTITY, *arguments],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


class Remote:
    """A bare repository, and a working copy of a person who pushes to it."""

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "remote.git"
        self.person = folder / "person"
        folder.mkdir(exist_ok=True)
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        git(folder, "clone", "--quiet", str(self.bare), str(self.person))
        self.commit({"README.md": "Shop\n", "src/till.py": "TOTAL = 1\n"})

    @property
    def url(self) -> str:
        return self.bare.as_uri()

    def commit(self, files: Mapping[str, str], *, branch: str = "main") -> str:
        """Write the files, push them, and return the commit."""
        git(self.person, "checkout", "--quiet", "-B", branch)
        for name, text in files.items():
            path = self.person / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self.push(branch=branch)

    def push(self, *, branch: str = "main") -> str:
        """Commit whatever there is in the person's copy, push it, and return the commit."""
        git(self.person, "add", "--all")
        git(self.person, "commit", "--quiet", "-m", "Work")
        git(self.person, "push", "--quiet", "origin", branch)
        return git(self.person, "rev-parse", "HEAD")

    def refs(self) -> list[str]:
        """Return the names of all refs."""
        return git(self.bare, "for-each-ref", "--format=%(refname)").splitlines()

    def show(self, what: str) -> str:
        """Return an object of the repository, such as `refs/tock/runs/run-1:README.md`."""
        return git(self.bare, "show", what)


def executor(
    folder: Path,
    argv: list[str],
    *,
    url: str | None = None,
    secrets: Mapping[str, str] | None = None,
    count: int = 4,
    size: int = 10**9,
    repository: Mapping[str, Any] | None = None,
    callbacks: Callbacks | None = None,
    **command: Any,
) -> CommandExecutor:
    """Return an executor with one command `work` and, with a URL, one repository `shop`, both for every project."""
    entry = Command.model_validate({"argv": argv, "projects": ["*"], **command})
    shop = {} if url is None else {"shop": {"url": url, "projects": ["*"], **(repository or {})}}
    return CommandExecutor(
        commands=Allowed({"work": entry}),
        repositories=Allowed({name: Repository.model_validate(value) for name, value in shop.items()}),
        secrets=secrets,
        workspaces=WorkspaceLimits(folder / "workspaces", count=count, size=size),
        callbacks=callbacks,
    )


def python(code: str) -> list[str]:
    """Return the words of a command that runs this Python code."""
    return [sys.executable, "-u", "-c", code]


def shell(code: str) -> list[str]:
    """Return the words of a command that runs this code in a shell."""
    return ["/bin/sh", "-c", code]
