"""Makes this process the one that orphaned descendants come to, and ends them all."""

import contextlib
import ctypes
import os
import signal
import sys

from tock.executors.kept_process.child_processes import children

#: The number of PR_SET_CHILD_SUBREAPER in Linux's prctl(2).
_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Take in every descendant whose parent ends: it becomes a child of this process, whatever its session or group.

    Does nothing on other systems than Linux. A subreaper has to reap what it takes in.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1)


def end_descendants() -> None:
    """Kill and reap the descendants of this subreaper until none is left.

    When a child dies, the kernel gives its children to this process before it lets this process reap the child. So
    once nothing is left to reap, there is no descendant, even if each of them had started others all the time.
    """
    while True:
        for child in children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child.id, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return
