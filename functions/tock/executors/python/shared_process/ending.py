"""Ends what an attempt of an async agent has left in the process that it shares with others."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from tock.executors.python.shared_process.agent_task import AgentTask
from tock.executors.python.shared_process.families import kill_families, reap

#: How long an interrupted agent may take to clean up.
GRACE = timedelta(seconds=2)
#: How long what it has left may take to end once its processes are killed.
REST = timedelta(seconds=1)
_PAUSE = 0.02


async def end_processes(attempt: AgentTask) -> None:
    """Kill the processes that an attempt has left, which ended by itself."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + REST.total_seconds()
    while (found := attempt.processes_to_end()) and clock() < deadline:
        await kill_families(found)
        reap(found)
        await asyncio.sleep(_PAUSE)
    attempt.forget_processes()


async def end_all(attempt: AgentTask, *, cancel: Callable[[AgentTask], None]) -> None:
    """Stop whatever of the attempt can be stopped, in four seconds at most; `attempt.alive()` says what could not.

    1. Cancel its tasks, which may clean up for two seconds.
    2. Kill its processes.
    3. Cancel the tasks that are left again, and give them and what waited for its processes a second to end.
    """
    if not attempt.ended.done():  # otherwise the loop has cancelled what its agent left
        cancel(attempt)
    await _wait_for(lambda: not attempt.tasks and attempt.ended.done(), at_most=GRACE)
    await end_processes(attempt)
    attempt.close()
    if attempt.tasks:
        cancel(attempt)
    await _wait_for(lambda: not attempt.alive() and attempt.ended.done(), at_most=REST)


async def _wait_for(condition: Callable[[], bool], *, at_most: timedelta) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + at_most.total_seconds()
    while not condition() and clock() < deadline:
        await asyncio.sleep(_PAUSE)
