"""Runs a Python agent in the process of the test, so that its debugger, its patches and its coverage see the agent."""

import asyncio
import contextlib
import contextvars
import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from tock.core.run.gate import outcome_of
from tock.core.run.outcome import AgentOutcome
from tock.executors.callbacks import Callbacks
from tock.executors.python.agent_traceback import traceback_of
from tock.executors.python.entry_point import is_async, signature_failure
from tock.executors.python.exception_outcome import failure_of
from tock.executors.python.executor import PythonExecutor
from tock.ports.executor import AnyRunContext, RunContext
from tock.ports.sync_run_context import SyncRunContext
from tock.testing.thread_host import ThreadHost


class InProcess(PythonExecutor):
    """Calls one function: an async one in the event loop of the test, a plain one in a thread of its own.

    Return values and exceptions become outcomes as they do in a deployment. A plain function that does not end at its
    timeout is left to itself, where a deployment ends its process. What the agent prints and logs goes where the test
    lets it go, and becomes no event.
    """

    def __init__(self, function: Callable[..., Any], *, callbacks: Callbacks) -> None:
        super().__init__(modules=(), callbacks=callbacks)
        self._function = function

    def _callable(self, config: Mapping[str, Any], *, project: str) -> Callable[..., Any]:  # noqa: ARG002 - as above
        return self._function

    async def _outcome(
        self,
        function: Callable[..., Any],
        config: Mapping[str, Any],  # noqa: ARG002 - a process of its own would hide the agent from the test
        context: RunContext,
    ) -> AgentOutcome:
        failure = signature_failure(function, context=context)
        if failure is not None:
            return failure
        if not is_async(function):
            return await _in_thread(function, context)
        try:
            return outcome_of(await function(context))
        except asyncio.CancelledError:
            raise
        except BaseException as exc:  # noqa: BLE001 - whatever the agent raises becomes an outcome
            return _failed(exc, context)


async def _in_thread(function: Callable[..., Any], context: RunContext) -> AgentOutcome:
    """Return the outcome of a plain function, in a thread that does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    host = ThreadHost(context.host, home=loop)
    given = {each.name: getattr(context, each.name) for each in fields(AnyRunContext) if each.name != "host"}
    inside = SyncRunContext(**given, host=host)
    ended: asyncio.Future[AgentOutcome] = loop.create_future()

    def call() -> None:
        try:
            value = function(inside)
            outcome = outcome_of(asyncio.run(_awaited(value)) if inspect.isawaitable(value) else value)
        except BaseException as exc:  # noqa: BLE001 - as above
            outcome = _failed(exc, inside)
        with contextlib.suppress(RuntimeError):  # the test has ended, and its loop with it
            loop.call_soon_threadsafe(_settle, ended, outcome)

    variables = contextvars.copy_context()
    threading.Thread(target=variables.run, args=(call,), name=f"agent {context.agent}", daemon=True).start()
    try:
        return await ended
    finally:
        host.end()


def _failed(exc: BaseException, context: AnyRunContext) -> AgentOutcome:
    context.host.log(traceback_of(exc), level="error")
    return failure_of(exc)


async def _awaited(value: Any) -> Any:
    return await value


def _settle(ended: "asyncio.Future[AgentOutcome]", outcome: AgentOutcome) -> None:
    if not ended.done():
        ended.set_result(outcome)
