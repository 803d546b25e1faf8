"""Runs the agent of one attempt in a process of its own, which its keeper has forked.

1. Read the start frame and take over the functions' `sys.path`.
2. Import and call the agent in the main thread, so that SIGTERM interrupts it: as SystemExit, or at its await.
3. Write the outcome and end.
"""

import contextlib
import importlib
import inspect
import json
import os
import queue
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

from tock.core.run.gate import event_of, outcome_of
from tock.core.run.outcome import Failed, Succeeded
from tock.executors.python.entry_point import signature_failure
from tock.executors.python.exception_outcome import failure_of
from tock.executors.python.worker_protocol import context_from_frame, line, outcome_to_frame
from tock.ports.executor import RunContext


def work(*, descriptor: int) -> None:
    """Run the attempt that the function's process describes on the socket `descriptor`."""
    channel = Channel(socket.socket(fileno=descriptor))
    start = channel.start()
    sys.path[:] = start["path"]
    _restore("PYTHONPATH", start["python_path"])
    stop = _Stop()
    context = context_from_frame(
        start["context"], report=channel.event, cancellation=lambda: stop.asked or channel.cancelled()
    )
    with contextlib.ExitStack() as ending:
        outcome = _attempt(start["callable"], context=context, stop=stop, ending=ending)
        if stop.asked:
            # The other side must see that a signal ended this process, not an ordinary exit.
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
        channel.send({"outcome": outcome_to_frame(outcome)})


class Channel:
    """The connection to the parent: any thread may send frames, a background thread receives the answers."""

    def __init__(self, connection: socket.socket) -> None:
        connection.set_inheritable(False)
        self._connection = connection
        self._incoming = connection.makefile("rb")
        self._writing = threading.Lock()
        self._asking = threading.Lock()
        self._answers: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def start(self) -> dict[str, Any]:
        """Read the first frame, then listen for answers in the background."""
        frame: dict[str, Any] = json.loads(self._incoming.readline())
        threading.Thread(target=self._listen, name="tock-channel", daemon=True).start()
        return frame

    def send(self, frame: dict[str, Any]) -> None:
        """Write one frame; raises TypeError or ValueError when it is not JSON."""
        text = line(frame)
        with self._writing:
            self._connection.sendall(text)

    def event(self, kind: str, data: Any, replaced: bool) -> None:  # noqa: FBT001 - as the port says
        """Send an event, whatever kind and data are; never raises."""
        word, kept, changed = event_of(kind, data)
        with contextlib.suppress(OSError):  # the parent ended, and this process ends with it
            self.send({"event": [word, kept, replaced or changed]})

    def cancelled(self) -> bool:
        """Ask the parent whether the run was asked to stop."""
        with self._asking:
            self.send({"question": "cancelled"})
            return self._answers.get()

    def _listen(self) -> None:
        for text in self._incoming:
            self._answers.put(json.loads(text)["cancelled"])
        # The other side ended or closed the connection: no process of the attempt may outlive it. The keeper kills the
        # others.
        os.kill(os.getpid(), signal.SIGKILL)


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


def _attempt(target: str, *, context: RunContext, stop: _Stop, ending: contextlib.ExitStack) -> Succeeded | Failed:
    try:
        module, _, name = target.partition(":")
        function = getattr(importlib.import_module(module), name)
        failure = signature_failure(function, context=context)
        if failure is not None:
            return failure
        value = function(context)
        return outcome_of(_awaited(value, stop=stop, ending=ending) if inspect.isawaitable(value) else value)
    except BaseException as exc:  # noqa: BLE001 whatever the agent raises becomes an outcome
        traceback.print_exc()
        return failure_of(exc)


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
