"""Reserves TCP ports among the stacks of one user, because a port stays free between its choice and its use."""

import fcntl
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self


class PortReservations:
    """The ports that this stack reserves while the context is entered.

    A reservation is a lock on a file of the port in a folder that all stacks of this user share. The operating system
    releases the lock when the process ends, however it ends. Where the folder cannot be written, nothing is reserved.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir()) / f"tock-ports-{os.getuid()}"
        self._locks = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._locks.close()

    def reserve(self, port: int) -> bool:
        """Reserve the port; return False if a stack has reserved it."""
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            file = self._locks.enter_context((self._folder / str(port)).open("a"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
