"""Runs one attempt of an async agent, in this event loop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tock.core.run.outcome import Failed, Succeeded
from tock.executors.python.exception_outcome import failure_of
from tock.executors.result import outcome_of
from tock.executors.shield import shielded
from tock.ports.executor import RunContext

#: How long an interrupted agent may take to clean up.
GRACE = timedelta(seconds=2)

_log = logging.getLogger("tock.executors.python")
_abandoned: set[asyncio.Task[Succeeded | Failed]] = set()


async def run_coroutine(function: Callable[[RunContext], Awaitable[Any]], *, context: RunContext) -> Succeeded | Failed:
    """Await the agent and return its outcome.

    When the caller is cancelled, the agent is interrupted at its await and has two seconds to clean up. An agent that
    swallows the interruption cannot be killed, because it shares this thread: it is abandoned with the log event
    `agent_abandoned`, its later events are dropped, and the cancellation goes on.
    """
    ended = asyncio.Event()

    def report(kind: str, data: Any) -> None:
        if not ended.is_set():
            context.report(kind, data)

    task = asyncio.create_task(_attempt(function, context=replace(context, report=report)))
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        await shielded(_interrupt(task, context=context))
        raise
    finally:
        ended.set()
    if task.cancelled():
        return failure_of(asyncio.CancelledError("The agent's own work was cancelled."))
    return task.result()


async def _attempt(function: Callable[[RunContext], Awaitable[Any]], *, context: RunContext) -> Succeeded | Failed:
    try:
        return outcome_of(await function(context))
    except (Exception, KeyboardInterrupt, SystemExit) as exc:  # noqa: BLE001 whatever the agent raises becomes an outcome
        _log.warning("agent_raised", exc_info=exc, extra={"run": context.run, "attempt": context.attempt})
        return failure_of(exc)


async def _interrupt(task: asyncio.Task[Succeeded | Failed], *, context: RunContext) -> None:
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE.total_seconds())
    if not task.done():
        _abandoned.add(task)
        task.add_done_callback(_abandoned.discard)
        _log.error("agent_abandoned", extra={"run": context.run, "attempt": context.attempt})
