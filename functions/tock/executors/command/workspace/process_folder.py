"""A folder for this process's clones and workspaces, which nobody else uses."""

import contextlib
import fcntl
import os
import shutil
import uuid
from pathlib import Path


class ProcessFolder:
    """A new folder below `root`, which belongs to this object as long as its process lives.

    Opening one removes the folders of processes that have ended. A lock on a file beside each folder tells them apart,
    because the kernel releases it at a process's end, however that came.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._opened: tuple[int, Path] | None = None
        self._lock: int | None = None

    def path(self) -> Path:
        """Return the folder; the first call in a process makes it. Raises OSError."""
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), self._open())
        return self._opened[1]

    def _open(self) -> Path:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for lock in self._root.glob("*.lock"):
            _remove_if_ended(lock)
        while self._lock is None:
            own = self._root / uuid.uuid4().hex
            self._lock = _locked(own.with_suffix(".lock"))
        own.mkdir(mode=0o700)
        return own


def _remove_if_ended(lock: Path) -> None:
    descriptor = _locked(lock)
    if descriptor is not None:
        shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(file: Path) -> int | None:
    """Return a descriptor that holds the file's lock; None if another process has it, or has just removed it."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino == file.stat().st_ino:
            return descriptor
    os.close(descriptor)
    return None
