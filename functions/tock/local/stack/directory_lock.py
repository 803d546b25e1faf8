"""Locks a stack's data directory, so that only one stack uses it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tock.local.errors import AlreadyRunning

_FILE = "lock"


@contextmanager
def directory_lock(data: Path) -> Iterator[None]:
    """Lock the directory while the context is entered; create the directory if it is missing.

    The operating system releases the lock when the process ends, however it ends. The lock file stays, but does not
    lock anything by itself.

    Raises:
        AlreadyRunning: another process holds the lock; the message contains its id.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / _FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            file.seek(0)
            raise AlreadyRunning(data, pid=file.read().strip()) from exc
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def is_locked(data: Path) -> bool:
    """Whether a process holds the lock of this directory."""
    try:
        with (data / _FILE).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
