"""Checks that the folders of a working copy are still its own, before Tock reads what the agent left there."""

import os
import stat
from pathlib import Path

from tock.executors.command.workspace.working_copy import WorkingCopy


def require_own_folders(copy: WorkingCopy) -> None:
    """Raise OSError if the agent has put something else in the place of a folder, or lets git find objects elsewhere.

    Git follows links among its objects, and takes further objects from where `info/alternates` says. What is elsewhere
    would otherwise be pushed to the remote.
    """
    objects = copy.work / ".git" / "objects"
    for folder in (copy.work, copy.work / ".git", objects):
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise NotADirectoryError(f"{folder.relative_to(copy.folder)} is no folder any more")
    for place, folders, files in os.walk(objects):
        for path in (Path(place, name) for name in (*folders, *files)):
            if path.is_symlink():
                raise OSError(f"{path.relative_to(copy.folder)} is a link")
    alternates = objects / "info" / "alternates"
    if os.path.lexists(alternates) and not _holds(alternates, copy.alternates):
        raise OSError(f"{alternates.relative_to(copy.folder)} names other objects than the clone's")


def _holds(file: Path, text: str) -> bool:
    """Whether this is a file with this text; anything else, such as a pipe that never ends, is not read."""
    given, wanted = file.lstat(), text.encode()
    return stat.S_ISREG(given.st_mode) and given.st_size == len(wanted) and file.read_bytes() == wanted
