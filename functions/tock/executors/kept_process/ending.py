"""Ends a keeper's process, from the function's side."""

import asyncio
import contextlib
import os
import signal
from datetime import timedelta

from tock.executors.kept_process.keeper import KILL

#: How long the process may take to end, after SIGTERM or after its result, before it is killed.
GRACE = timedelta(seconds=2)


async def end(process: asyncio.subprocess.Process, *, stop: bool) -> None:
    """Return when the process and all that it started are gone: by themselves or, two seconds later, killed.

    With `stop` the worker gets SIGTERM first.
    """
    if stop:
        _signal(process, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), GRACE.total_seconds())
    _signal(process, KILL)
    await process.wait()


def how_it_ended(process: asyncio.subprocess.Process) -> str:
    """Return how a process ended, to follow `The agent's process`."""
    code = process.returncode or 0
    if -code == signal.SIGKILL:
        return "was killed by SIGKILL, as happens to a process that needs more memory than there is"
    if -code in set(signal.Signals):
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        # A race: process.send_signal() may reap a process that has just died, and lose its exit code.
        if process.returncode is None:
            os.kill(process.pid, number)
