"""Reads the child processes of a process from Linux's /proc."""

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

#: States of /proc/PID/stat: ended, but not reaped; and standing still.
_ENDED = frozenset("ZX")
_STILL = frozenset("Tt") | _ENDED


class ChildProcess(NamedTuple):
    """A process: its id, and its start in clock ticks since the machine's start, because ids are used again."""

    id: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether it works still; False once it has ended, reaped or not."""
        fields = _stat(self.id)
        return fields is not None and _started(fields) == self.started and fields[0] not in _ENDED

    @property
    def stands_still(self) -> bool:
        """Whether it is stopped, or has ended."""
        fields = _stat(self.id)
        return fields is None or fields[0] in _STILL

    @property
    def name(self) -> str:
        """The name of its program, of at most 15 characters; empty once it is gone."""
        with contextlib.suppress(OSError):
            return Path(f"/proc/{self.id}/comm").read_text(encoding="utf-8", errors="replace").strip()
        return ""


def now_in_ticks() -> int:
    """Return the time since the machine's start in clock ticks, as `ChildProcess.started` has it."""
    nanoseconds = time.clock_gettime_ns(time.CLOCK_BOOTTIME) if sys.platform == "linux" else 0
    return nanoseconds * os.sysconf("SC_CLK_TCK") // 10**9


def children(process: int | None = None, *, thread: int | None = None) -> set[ChildProcess]:
    """Return the children of a process, by default this one, or those that one of its threads started.

    They include children that have ended and that nobody has reaped. Where there is no /proc the set is empty.
    """
    if process is None and not _has_children():
        return set()
    found: set[ChildProcess] = set()
    for file in Path(f"/proc/{process or 'self'}/task").glob(f"{thread or '*'}/children"):
        with contextlib.suppress(OSError):  # the thread has ended, and another has its children
            for child in map(int, file.read_text(encoding="ascii").split()):
                if (fields := _stat(child)) is not None:
                    found.add(ChildProcess(child, _started(fields)))
    return found


def _has_children() -> bool:
    """Return whether this process has any child; it costs one system call, and most processes have none."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _stat(process: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the third on, the state; None if there is no such process."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _started(fields: list[str]) -> int:
    """Return the 22nd field of proc_pid_stat(5), the start time in clock ticks."""
    return int(fields[19])
