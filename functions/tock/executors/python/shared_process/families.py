"""Kills child processes with all their descendants."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable

from tock.executors.kept_process.child_processes import ChildProcess, children

#: How often the members of a family are told to stand still until all of them do; most do at once.
_ROUNDS = 100
_PAUSE = 0.002


async def kill_families(roots: Iterable[ChildProcess]) -> None:
    """Kill these processes and all their descendants.

    1. Let each of them stand still, and look for its children, until no process is found that does not stand still:
       then none can start another, or end and leave its children to somebody else.
    2. Kill them.
    """
    family = set(roots)
    for _ in range(_ROUNDS):
        for member in family:
            _signal(member, signal.SIGSTOP)
        found = family.union(*(children(member.id) for member in family))
        if found == family and all(member.stands_still for member in family):
            break
        family = found
        await asyncio.sleep(_PAUSE)
    for member in family:
        _signal(member, signal.SIGKILL)


def reap(processes: Iterable[ChildProcess]) -> None:
    """Reap those of these children that have ended."""
    for process in processes:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process.id, os.WNOHANG)


def _signal(process: ChildProcess, number: signal.Signals) -> None:
    if process.alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.id, number)
