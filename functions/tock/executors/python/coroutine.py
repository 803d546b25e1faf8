"""Runs one attempt of an async agent, in the event loop of the agents."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tock.core.run.gate import outcome_of
from tock.core.run.outcome import Failed, Succeeded
from tock.executors.python.agent_loop import AgentTask, agent_loop
from tock.executors.python.exception_outcome import failure_of
from tock.executors.shield import shielded
from tock.ports.executor import RunContext

#: How long an interrupted agent may take to clean up.
GRACE = timedelta(seconds=2)

_log = logging.getLogger("tock.executors.python")
_abandoned: set[AgentTask] = set()


async def run_coroutine(function: Callable[[RunContext], Awaitable[Any]], *, context: RunContext) -> Succeeded | Failed:
    """Await the agent in the agents' loop and return its outcome.

    When the caller is cancelled, the agent is interrupted at its await and has two seconds to clean up. An agent that
    swallows the interruption cannot be killed, because it shares its thread: it is abandoned with the log event
    `agent_abandoned`, its later events are dropped, and the cancellation goes on.
    """
    ended = False

    def report(kind: str, data: Any, replaced: bool) -> None:  # noqa: FBT001 - as the port says
        if not ended:
            context.report(kind, data, replaced)

    inside = replace(context, report=report)
    attempt = agent_loop().start(lambda: _attempt(function, context=inside), context=context)
    try:
        await asyncio.wait({attempt.ended})
    except asyncio.CancelledError:
        await shielded(_interrupt(attempt))
        raise
    finally:
        ended = True
    outcome = attempt.ended.result()
    return outcome or failure_of(asyncio.CancelledError("The agent's own work was cancelled."))


async def _attempt(function: Callable[[RunContext], Awaitable[Any]], *, context: RunContext) -> Succeeded | Failed:
    try:
        return outcome_of(await function(context))
    except asyncio.CancelledError:
        raise
    except BaseException as exc:  # noqa: BLE001 - whatever the agent raises becomes an outcome
        _log.warning("agent_raised", exc_info=exc, extra={"run": context.run, "attempt": context.attempt})
        return failure_of(exc)


async def _interrupt(attempt: AgentTask) -> None:
    agent_loop().stop(attempt)
    await asyncio.wait({attempt.ended}, timeout=GRACE.total_seconds())
    if not attempt.ended.done():
        _abandoned.add(attempt)
        attempt.ended.add_done_callback(lambda _: _abandoned.discard(attempt))
        context = attempt.context
        _log.error("agent_abandoned", extra={"run": context.run, "attempt": context.attempt})
