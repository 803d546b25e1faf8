"""Writes a project from a template: the files that `tock dev` and a first test need."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tock.cli.errors import CommandError

#: What the folder holds that no repository should.
_IGNORED = ".tock/\n.venv/\n__pycache__/\n"
#: Files that a folder may have already; they stay as they are.
_KEPT = (".gitignore", "README.md")


@dataclass(frozen=True, slots=True)
class NewProject:
    """What was written: the folder, the names of its new files, and of those that were there."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def write_project(template: Path, *, folder: Path) -> NewProject:
    """Write the files of a template's folder, and a `.gitignore`, to a folder, which is created if need be.

    A README and a `.gitignore` that exist stay. Raises CommandError if any other file exists, before anything is
    written, or if the folder cannot be written.
    """
    files = [file for file in sorted(template.iterdir()) if file.is_file()]
    contents = {file.name: file.read_bytes() for file in files} | {".gitignore": _IGNORED.encode()}
    existing = [name for name in contents if os.path.lexists(folder / name)]
    if taken := [name for name in existing if name not in _KEPT]:
        verb = "exists" if len(taken) == 1 else "exist"
        remedy = "Give another folder, such as `tock init my-agents`, or move what is there."
        raise CommandError(f"{', '.join(taken)} {verb} in {folder.absolute()}: nothing was written.", details=(remedy,))
    new = {name: content for name, content in contents.items() if name not in existing}
    try:
        _write(new, folder=folder)
        for file in files:
            if os.access(file, os.X_OK):
                _make_executable(folder / file.name)
    except OSError as exc:
        raise CommandError(
            f"{exc.filename or folder} cannot be written: {exc.strerror or exc}.", details=("Give another folder.",)
        ) from exc
    return NewProject(folder=folder, written=tuple(new), kept=tuple(existing))


def _write(contents: Mapping[str, bytes], *, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        # Somebody may have made the file meanwhile: "x" never overwrites one.
        with (folder / name).open("xb") as file:
            file.write(content)


def _make_executable(file: Path) -> None:
    """Let everybody who may read the file run it."""
    mode = file.stat().st_mode
    file.chmod(mode | (mode & 0o444) >> 2)
