"""The hold that one stack has on its data directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tock.local.errors import AlreadyRunning


@contextmanager
def directory_lock(data: Path) -> Iterator[None]:
    """Keep every other stack off the directory, which is created when it is missing.

    The system lets go when the process ends, however it ends; the file that stays means nothing.

    Raises:
        AlreadyRunning: another process holds it; the text names its id.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            file.seek(0)
            raise AlreadyRunning(data, pid=file.read().strip()) from exc
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
