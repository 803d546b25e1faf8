"""Reads the files of a folder that go into the archive."""

from collections.abc import Iterator
from pathlib import Path

from tock.deploy.errors import CannotHold

_CACHE = "__pycache__"
_COMPILED = frozenset({".pyc", ".pyo"})


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below the folder, except caches and hidden files and folders: a `.env` is not deployed.

    Raises CannotHold for a link to a folder, which may form a cycle, and for anything but files and folders.
    """
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name == _CACHE or entry.suffix in _COMPILED:
            continue
        if entry.is_dir():
            if entry.is_symlink():
                raise CannotHold(entry, reason="it is a link to a folder")
            yield from files_below(entry)
        elif entry.is_file():
            yield entry
        else:
            raise CannotHold(entry, reason="it is neither a file nor a folder")


def content_of(file: Path) -> bytes:
    """Return the file's bytes. Raises CannotHold."""
    try:
        return file.read_bytes()
    except OSError as exc:
        raise CannotHold(file, reason=exc.strerror or str(exc)) from exc
