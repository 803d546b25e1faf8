"""Chooses the git repository that the demo's digest reads: a given one, the current one, or a small sample."""

import shutil
import subprocess
from pathlib import Path

_AUTHOR = ("-c", "user.name=Tock", "-c", "user.email=tock@example.com", "-c", "commit.gpgsign=false")
_COMMITS = (
    ("greeting.txt", "Good morning\n", "Greet whoever reads this"),
    ("greeting.txt", "Good morning, everybody\n", "Greet everybody"),
    ("notes/minutes.txt", "1. The digest runs at nine.\n", "Write down what was decided"),
)


def repository_to_read(named: Path | None, *, data: Path) -> Path:
    """Return the named repository, or the one that the current folder belongs to, or a sample created below `data`."""
    if named is not None:
        return named.resolve()
    if _git(Path.cwd(), "rev-parse", "--git-dir") == 0:
        return Path.cwd()
    return _sample(data / "repository")


def _sample(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _git(folder, "init", "--quiet")
    for name, text, subject in _COMMITS:
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        _git(folder, "add", ".")
        _git(folder, *_AUTHOR, "commit", "--quiet", "--message", subject)
    return folder.resolve()


def _git(folder: Path, *arguments: str) -> int:
    done = subprocess.run(  # noqa: S603 - the executable is the user's own git
        [shutil.which("git") or "git", "-C", str(folder), *arguments], capture_output=True, check=False
    )
    return done.returncode
