"""Runs the agent of one attempt in a process of its own, which its keeper has forked.

1. Read the start frame and take over the functions' `sys.path`.
2. Import and call the agent in the main thread, so that SIGTERM interrupts it: as SystemExit, or at its await.
3. Write the outcome and end.
"""

import contextlib
import importlib
import inspect
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from types import FrameType
from typing import Any

from tock.core.run.gate import outcome_of
from tock.core.run.outcome import AgentOutcome
from tock.executors.python.agent_output import log_from_info
from tock.executors.python.agent_traceback import traceback_of
from tock.executors.python.entry_point import is_async, signature_failure
from tock.executors.python.exception_outcome import failure_of
from tock.executors.python.own_process.worker_channel import Channel
from tock.executors.python.own_process.worker_host import ChannelHost
from tock.executors.python.own_process.worker_logging import SendingHandler
from tock.executors.python.own_process.worker_protocol import context_from_frame, outcome_to_frame
from tock.ports.executor import AnyRunContext, RunContext
from tock.ports.sync_run_context import SyncRunContext


def work(*, descriptor: int) -> None:
    """Run the attempt that the function's process describes on the socket `descriptor`."""
    channel = Channel(socket.socket(fileno=descriptor))
    start = channel.start()
    sys.path[:] = start["path"]
    _restore("PYTHONPATH", start["python_path"])
    stop = _Stop()
    host = ChannelHost(channel, is_stopped=lambda: stop.asked)
    logging.getLogger().addHandler(SendingHandler(host))
    with contextlib.ExitStack() as ending:
        try:
            function = _callable(start["callable"], source_folders=start["source_folders"])
            context = context_from_frame(start["context"], kind=_kind_of_context(function), host=host)
            outcome = _attempt(function, context=context, stop=stop, ending=ending)
        except BaseException as exc:  # noqa: BLE001 whatever the agent raises becomes an outcome
            outcome = failure_of(exc)
            if not stop.asked:
                channel.send({"traceback": traceback_of(exc)})
        if stop.asked:
            # The other side must see that a signal ended this process, not an ordinary exit.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
        channel.send({"outcome": outcome_to_frame(outcome)})


class _Stop:
    """Turns the first SIGTERM into SystemExit or, in an async agent, into a cancellation: its `finally` blocks run."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            raise SystemExit("The run was stopped.")

    def cancel(self, task: Callable[[], object]) -> None:
        self.asked = True
        task()


def _callable(target: str, *, source_folders: Sequence[str]) -> Callable[..., Any]:
    module, _, name = target.partition(":")
    function = _edited(module, name, folders=source_folders) if source_folders else _imported(module, name)
    log_from_info(module)
    return function


def _imported(module: str, name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _edited(module: str, name: str, *, folders: Sequence[str]) -> Callable[..., Any]:
    """Import the function from modules that somebody edits, who may be just saving one."""
    from tock.executors.python.edited_modules import SAVE, EditedModules  # noqa: PLC0415 on the local stack only

    modules = EditedModules(folders)
    with contextlib.suppress(Exception):
        return _imported(module, name)
    time.sleep(SAVE)
    modules.renew()
    return _imported(module, name)


def _kind_of_context(function: Callable[..., Any]) -> type[AnyRunContext]:
    return RunContext if is_async(function) else SyncRunContext


def _attempt(
    function: Callable[..., Any], *, context: AnyRunContext, stop: _Stop, ending: contextlib.ExitStack
) -> AgentOutcome:
    failure = signature_failure(function, context=context)
    if failure is not None:
        return failure
    value = function(context)
    return outcome_of(_awaited(value, stop=stop, ending=ending) if inspect.isawaitable(value) else value)


def _awaited(value: Awaitable[Any], *, stop: _Stop, ending: contextlib.ExitStack) -> Any:
    """Await the value in an event loop, which is closed in the end: it then waits for what the agent has left."""
    import asyncio  # noqa: PLC0415 imported lazily: a plain agent does not need it, and it would double the imports

    async def awaited() -> Any:
        task = asyncio.current_task()
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.cancel, task.cancel)
        return await value

    runner = asyncio.Runner()
    ending.callback(runner.close)
    return runner.run(awaited())


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
