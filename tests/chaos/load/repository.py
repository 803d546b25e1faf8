"""The git repository of the command agents."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from chaos.load.program import FILE

_KEPT = "refs/tock/runs/"
_IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")


def create_repository(folder: Path) -> str:
    """Create a bare repository with one empty commit, and return its URL."""
    folder.mkdir()
    _git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    tree = _git(folder, "hash-object", "-w", "-t", "tree", "/dev/null").strip()
    commit = _git(folder, *_IDENTITY, "commit-tree", "-m", "Begin", tree).strip()
    _git(folder, "update-ref", "refs/heads/main", commit)
    return folder.as_uri()


def kept_texts(folder: Path) -> Mapping[str, str]:
    """Return the text of the file that commands change, as it is kept of each run; a run without the file has none."""
    refs = _git(folder, "for-each-ref", "--format=%(refname)", _KEPT).split()
    return {ref.removeprefix(_KEPT): _text(folder, ref) for ref in refs}


def _text(folder: Path, ref: str) -> str:
    return _git(folder, "show", f"{ref}:{FILE}") if _git(folder, "ls-tree", "--name-only", ref, str(FILE)) else ""


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607 - of the machine
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
