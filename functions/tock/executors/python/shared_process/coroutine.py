"""Runs one attempt of an async agent, in the event loop of the agents."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from tock.core.run.events.event_kind import EventKind
from tock.core.run.gate import outcome_of
from tock.core.run.outcome import AgentOutcome, Succeeded
from tock.executors.python.agent_output import AgentOutput
from tock.executors.python.agent_traceback import traceback_of
from tock.executors.python.exception_outcome import failure_of
from tock.executors.python.shared_process.agent_loop import agent_loop
from tock.executors.python.shared_process.agent_task import OWNER, AgentTask
from tock.executors.python.shared_process.bridged_host import BridgedHost
from tock.executors.python.shared_process.ending import end_all, end_processes
from tock.executors.shield import shielded
from tock.ports.abandoned_work import AbandonedWork
from tock.ports.executor import RunContext

#: How many pieces of abandoned work the event and the log name.
_MAX_NAMED = 20

_log = logging.getLogger("tock.executors.python")


async def run_coroutine(
    function: Callable[[RunContext], Awaitable[Any]], *, context: RunContext, abandoned: AbandonedWork
) -> AgentOutcome:
    """Await the agent in the agents' loop and return its outcome.

    When the caller is cancelled, the agent is interrupted at its await and has two seconds to clean up. Unless the
    agent succeeded, whatever it started is stopped. A task that swallows its cancellation and a thread cannot be
    stopped, because they share this process: they are abandoned, with the log event `agent_abandoned` and an event
    `run.work_abandoned`, and the agent's later events are dropped. The processes that the agent started are always
    killed.
    """
    host = BridgedHost(context.host, home=asyncio.get_running_loop())
    inside = replace(context, host=host)
    name = getattr(function, "__name__", type(function).__name__)
    output = AgentOutput(inside)
    attempt = agent_loop().start(
        lambda: _attempt(function, context=inside, output=output), context=context, output=output, name=name
    )
    succeeded = False
    try:
        await asyncio.wait({attempt.ended})
        outcome = attempt.ended.result()
        succeeded = isinstance(outcome, Succeeded)
    finally:
        await shielded(_end(attempt, succeeded=succeeded, abandoned=abandoned))
        output.flush()
        host.end()
    return outcome or failure_of(asyncio.CancelledError("The agent's own work was cancelled."))


async def _attempt(
    function: Callable[[RunContext], Awaitable[Any]], *, context: RunContext, output: AgentOutput
) -> AgentOutcome:
    try:
        return outcome_of(await function(context))
    except asyncio.CancelledError as exc:
        attempt = OWNER.get()
        if attempt is not None and not attempt.stopped:  # by the agent's own code
            output.failure(traceback_of(exc))
        raise
    except BaseException as exc:  # noqa: BLE001 - whatever the agent raises becomes an outcome
        output.failure(traceback_of(exc))
        return failure_of(exc)


async def _end(attempt: AgentTask, *, succeeded: bool, abandoned: AbandonedWork) -> None:
    if succeeded:
        await end_processes(attempt)
        return
    await end_all(attempt, cancel=agent_loop().stop)
    alive, context = attempt.alive(), attempt.context
    if alive:
        named = list(alive[:_MAX_NAMED])
        abandoned.add(project=context.project, run=context.run, alive=attempt.alive)
        context.host.notice(EventKind.WORK_ABANDONED, {"alive": named})
        _log.error("agent_abandoned", extra={"run": context.run, "attempt": context.attempt, "alive": named})
